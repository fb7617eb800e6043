//! What a JavaScript lock file says is installed, and from where.

use std::collections::{HashMap, HashSet};

/// Packages of a lock.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// npm: by folder (`node_modules/a/node_modules/@b/c`).
    pub folders: HashMap<String, Locked>,
    /// Any other tool: name and version.
    pub versions: HashSet<(String, String)>,
}

/// One package of an npm lock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Locked {
    /// Its version.
    pub version: String,
    /// Why it is not had from a registry again; `None` where it is.
    pub bound: Option<String>,
}

/// Reads an npm lock: `package-lock.json`, `npm-shrinkwrap.json` or `node_modules/.package-lock.json`, versions 1 to 3
/// (docs.npmjs.com, "package-lock.json"). `None` where it is none.
pub fn npm(bytes: &[u8]) -> Option<Lock> {
    let value: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let mut lock = Lock::default();
    if let Some(packages) = value.get("packages").and_then(serde_json::Value::as_object) {
        for (folder, package) in packages.iter().filter(|(f, _)| !f.is_empty()) {
            lock.folders.insert(folder.clone(), locked(package));
        }
    } else {
        old(value.get("dependencies")?, "", &mut lock.folders);
    }
    Some(lock)
}

/// The nested form of version 1.
fn old(dependencies: &serde_json::Value, above: &str, folders: &mut HashMap<String, Locked>) {
    for (name, package) in dependencies.as_object().into_iter().flatten() {
        let folder = format!("{above}node_modules/{name}");
        folders.insert(folder.clone(), locked(package));
        if let Some(below) = package.get("dependencies") {
            old(below, &format!("{folder}/"), folders);
        }
    }
}

/// Whether a version is a number, and not an address.
fn plain(version: &str) -> bool {
    version.starts_with(|c: char| c.is_ascii_digit()) && version.bytes().all(|b| b.is_ascii_alphanumeric() || b".-+".contains(&b))
}

fn locked(package: &serde_json::Value) -> Locked {
    let text = |key: &str| package.get(key).and_then(serde_json::Value::as_str);
    let yes = |key: &str| package.get(key).and_then(serde_json::Value::as_bool) == Some(true);
    let web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
    let bound = match text("resolved") {
        Some(url) if !web(url) => Some(format!("the lock has it from {url}, not from a registry")),
        _ if yes("link") => Some("the lock has it as a link to a folder of yours".into()),
        Some(_) => None,
        None if text("integrity").is_some() || yes("inBundle") || yes("bundled") => None,
        // npm drops both at times; a version alone is one of the registry, since everything else is told by `resolved`
        // or, in version 1, stands in place of the version.
        None if text("version").is_some_and(plain) => None,
        None => Some("the lock does not say where it came from".into()),
    };
    Locked { version: text("version").unwrap_or_default().to_owned(), bound }
}

/// Reads a yarn lock. First form (classic): blocks `name@range, …:` with `version "…"` and `resolved "https…"` below.
/// Later ones: `resolution: "name@npm:version"` and `checksum: …`; other protocols are folders, archives or patches.
pub fn yarn(text: &str) -> Lock {
    let mut lock = Lock::default();
    let (mut name, mut version) = (None, None);
    let mut resolution: Option<(String, String)> = None;
    for line in text.lines() {
        if let Some(told) = line.trim().strip_prefix("resolution: ") {
            resolution = told.trim_matches('"').split_once("@npm:").map(|(n, v)| (n.to_owned(), v.to_owned()));
            continue;
        }
        if line.trim().starts_with("checksum: ") {
            lock.versions.extend(resolution.take());
            continue;
        }
        if !line.starts_with([' ', '#']) && line.ends_with(':') {
            let first = line.trim_end_matches(':').split(',').next().unwrap_or_default().trim().trim_matches('"');
            name = first.get(1..).and_then(|rest| rest.find('@')).and_then(|at| first.get(..=at)).map(str::to_owned);
            version = None;
        } else if let Some(v) = line.trim().strip_prefix("version ") {
            version = Some(v.trim_matches('"').to_owned());
        } else if line.trim().starts_with("resolved \"http")
            && let (Some(name), Some(version)) = (&name, &version)
        {
            lock.versions.insert((name.clone(), version.clone()));
        }
    }
    lock
}

/// Reads a pnpm lock: keys `name@version:` or `/name@version:` or `/name/version:` with `resolution: {integrity: …}`.
pub fn pnpm(text: &str) -> Lock {
    let mut lock = Lock::default();
    let mut key: Option<(String, String)> = None;
    for line in text.lines() {
        let bare = line.trim();
        if line.starts_with("  ") && !line.starts_with("   ") && bare.ends_with(':') {
            let whole = bare.trim_end_matches(':').trim_matches(['\'', '"']).trim_start_matches('/');
            let whole = whole.split('(').next().unwrap_or(whole);
            let at = whole.get(1..).and_then(|rest| rest.rfind(['@', '/'])).map(|at| at + 1);
            key = at.and_then(|at| Some((whole.get(..at)?.to_owned(), whole.get(at + 1..)?.to_owned())));
        } else if bare.starts_with("resolution:") && bare.contains("integrity:") {
            lock.versions.extend(key.take());
        }
    }
    lock
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_npm_lock_tells_registry_packages_from_folders_of_ones_own() {
        let lock = npm(br#"{"lockfileVersion":3,"packages":{"":{},"node_modules/a":{"version":"1.0.0","resolved":"https://r/a.tgz","integrity":"sha512-x"},
            "node_modules/mine":{"version":"0.1.0","resolved":"file:../mine"},"node_modules/w":{"link":true,"resolved":"packages/w"}}}"#)
        .unwrap();
        assert_eq!(lock.folders["node_modules/a"].bound, None);
        assert!(lock.folders["node_modules/mine"].bound.is_some() && lock.folders["node_modules/w"].bound.is_some());
        assert_eq!(lock.folders.len(), 3);
    }

    #[test]
    fn yarn_and_pnpm_locks_give_names_and_versions() {
        let pair = |n: &str, v: &str| (n.to_owned(), v.to_owned());
        let y = yarn(
            "# yarn lockfile v1\n\n\"@s/a@^1.0\", \"@s/a@^1.1\":\n  version \"1.2.0\"\n  resolved \"https://r/a\"\n\nb@1:\n  version \"1.0.1\"\n  resolved \"https://r/b\"\n",
        );
        assert_eq!(y.versions, [pair("@s/a", "1.2.0"), pair("b", "1.0.1")].into());
        let berry = "__metadata:\n  version: 8\n\n\"b@npm:^1\":\n  version: 1.0.1\n  resolution: \"b@npm:1.0.1\"\n  checksum: 10/ab\n\n\"own@workspace:.\":\n  version: 0.0.0\n  resolution: \"own@workspace:.\"\n";
        assert_eq!(yarn(berry).versions, [pair("b", "1.0.1")].into(), "a folder of one's own is in no registry");
        let p = pnpm(
            "packages:\n\n  '@s/a@1.2.0':\n    resolution: {integrity: sha512-x}\n\n  /b@1.0.1(react@18.0.0):\n    resolution: {integrity: sha512-y}\n\n  c@file:../c:\n    resolution: {directory: ../c}\n",
        );
        assert_eq!(p.versions, [pair("@s/a", "1.2.0"), pair("b", "1.0.1")].into());
    }

    proptest::proptest! {
        #[test]
        fn garbage_is_read_without_a_panic(text in ".{0,300}") {
            let _ = (npm(text.as_bytes()), yarn(&text), pnpm(&text));
        }
    }
}

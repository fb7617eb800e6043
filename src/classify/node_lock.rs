//! What a JavaScript lock file says is installed, and from where.

use base64::Engine;
use std::collections::HashMap;

/// Packages of a lock.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// npm: by folder (`node_modules/a/node_modules/@b/c`).
    pub folders: HashMap<String, Locked>,
    /// Any other tool: what came from a registry, by name and version.
    pub versions: HashMap<(String, String), Fetched>,
    /// Any other tool: what did not, by name, and where it came from.
    pub elsewhere: HashMap<String, String>,
}

/// What a lock says of a package from a registry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fetched {
    /// The hash of its archive (`sha512-…`).
    pub integrity: Option<String>,
    /// The archive's address.
    pub resolved: Option<String>,
}

/// One package of an npm lock.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Locked {
    /// Its version.
    pub version: String,
    /// Why it is not had from a registry again; `None` where it is.
    pub bound: Option<String>,
    /// SHA-512 of its archive.
    pub sha512: Option<Vec<u8>>,
    /// Whether it runs a program of its own when it is installed.
    pub scripts: bool,
    /// Whether it came in the archive of the package it lies in.
    pub bundled: bool,
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
    let sha512 = text("integrity").and_then(sha512);
    let (scripts, bundled) = (yes("hasInstallScript"), yes("inBundle") || yes("bundled"));
    Locked { version: text("version").unwrap_or_default().to_owned(), bound, sha512, scripts, bundled }
}

/// The SHA-512 in an `integrity` field, which may hold several hashes, each perhaps with options after a `?` (W3C, SRI).
fn sha512(integrity: &str) -> Option<Vec<u8>> {
    let found = integrity.split_ascii_whitespace().find_map(|one| one.strip_prefix("sha512-"))?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(found.split('?').next()?).ok()?;
    (bytes.len() == 64).then_some(bytes)
}

/// Reads a yarn lock. First form (classic): blocks `name@range, …:` with `version "…"`, `resolved "https…"` and
/// `integrity …` below. Later ones: `resolution: "name@npm:version"` and `checksum: …`; other protocols are folders,
/// archives or patches.
pub fn yarn(text: &str) -> Lock {
    let mut lock = Lock::default();
    let (mut head, mut block) = (None, Vec::new());
    for line in text.lines().chain(["end:"]) {
        if !line.starts_with([' ', '#']) && line.ends_with(':') {
            yarn_block(head.replace(line), &block, &mut lock);
            block.clear();
        } else {
            block.push(line.trim());
        }
    }
    lock
}

fn yarn_block(head: Option<&str>, block: &[&str], lock: &mut Lock) {
    let field =
        |key: &str| block.iter().find_map(|line| line.strip_prefix(key)).map(|v| v.trim_start_matches([':', ' ']).trim_matches('"'));
    let range = head.and_then(|h| named(h.trim_end_matches(':').split(',').next().unwrap_or_default().trim().trim_matches('"')));
    if let Some((name, address)) = field("resolution:").and_then(named) {
        match address.strip_prefix("npm:") {
            Some(version) if field("checksum:").is_some() => drop(lock.versions.insert((name.into(), version.into()), Fetched::default())),
            Some(_) => {}
            None => drop(lock.elsewhere.insert(name.into(), address.into())),
        }
    } else if let (Some((name, range)), Some(version)) = (range, field("version ")) {
        match field("resolved ") {
            Some(url) if url.starts_with("http") => {
                let fetched = Fetched { integrity: field("integrity ").map(str::to_owned), resolved: Some(url.to_owned()) };
                lock.versions.insert((name.into(), version.into()), fetched);
            }
            other => drop(lock.elsewhere.insert(name.into(), other.unwrap_or(range).into())),
        }
    }
}

/// `@s/name@rest` in two; `None`: there is no `@` between.
fn named(text: &str) -> Option<(&str, &str)> {
    let at = text.get(1..)?.find('@')? + 1;
    Some((text.get(..at)?, text.get(at + 1..)?))
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
            key = pnpm_key(whole);
        } else if let Some(told) = bare.strip_prefix("resolution:") {
            let integrity = told.split_once("integrity:").map(|(_, h)| h.split([',', '}']).next().unwrap_or_default().trim().to_owned());
            match (key.take(), integrity) {
                (Some(key), Some(integrity)) => {
                    lock.versions.insert(key, Fetched { integrity: Some(integrity), resolved: None });
                }
                (Some((name, address)), None) => drop(lock.elsewhere.insert(name, address)),
                (None, _) => {}
            }
        }
    }
    lock
}

fn pnpm_key(whole: &str) -> Option<(String, String)> {
    // An address after the name (`file:../c`, `https://…`) holds signs that part names elsewhere.
    let at = match named(whole) {
        Some((name, address)) if address.contains(':') => name.len(),
        _ => whole.get(1..)?.rfind(['@', '/'])? + 1,
    };
    Some((whole.get(..at)?.to_owned(), whole.get(at + 1..)?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

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
        let keys = |lock: &Lock| lock.versions.keys().cloned().collect::<HashSet<_>>();
        assert_eq!(keys(&y), [pair("@s/a", "1.2.0"), pair("b", "1.0.1")].into());
        assert_eq!(y.versions[&pair("b", "1.0.1")].resolved.as_deref(), Some("https://r/b"));
        let berry = "__metadata:\n  version: 8\n\n\"b@npm:^1\":\n  version: 1.0.1\n  resolution: \"b@npm:1.0.1\"\n  checksum: 10/ab\n\n\"own@workspace:.\":\n  version: 0.0.0\n  resolution: \"own@workspace:.\"\n";
        assert_eq!(keys(&yarn(berry)), [pair("b", "1.0.1")].into(), "a folder of one's own is in no registry");
        let p = pnpm(
            "packages:\n\n  '@s/a@1.2.0':\n    resolution: {integrity: sha512-x}\n\n  /b@1.0.1(react@18.0.0):\n    resolution: {integrity: sha512-y}\n\n  c@file:../c:\n    resolution: {directory: ../c}\n",
        );
        assert_eq!(keys(&p), [pair("@s/a", "1.2.0"), pair("b", "1.0.1")].into());
        assert_eq!(p.versions[&pair("b", "1.0.1")].integrity.as_deref(), Some("sha512-y"));
        assert_eq!(p.elsewhere, [("c".to_owned(), "file:../c".to_owned())].into());
        let classic = "\"loc@file:../loc\":\n  version \"3.0.0\"\n";
        assert_eq!(yarn(classic).elsewhere, [("loc".to_owned(), "file:../loc".to_owned())].into());
    }

    proptest::proptest! {
        #[test]
        fn garbage_is_read_without_a_panic(text in ".{0,300}") {
            let _ = (npm(text.as_bytes()), yarn(&text), pnpm(&text));
        }
    }
}

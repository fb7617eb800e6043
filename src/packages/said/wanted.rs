//! What an install command names: a package, perhaps in one version, perhaps from somewhere else than an index.

/// A package a command names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Its name; empty where only the place it comes from is told.
    pub name: String,
    /// The version it is pinned to; empty: any.
    pub version: String,
    /// Where it comes from, when that is not an index.
    pub origin: Option<String>,
    /// Whether it stays where it was made.
    pub editable: bool,
}

impl Wanted {
    fn named(name: &str, version: &str) -> Option<Self> {
        let is_name = name.starts_with(|c: char| c.is_alphanumeric() || c == '@' || c == '_');
        is_name.then(|| Self { name: name.into(), version: version.into(), ..Self::default() })
    }

    fn from(origin: &str) -> Self {
        Self { origin: Some(origin.into()), ..Self::default() }
    }
}

/// Whether a version is one and no range: as many numbers as `least` asks for, then whatever belongs to one version.
fn exact(version: &str, least: usize) -> bool {
    let numbers = version.split(['-', '+']).next().unwrap_or_default().split('.');
    let plain = version.bytes().all(|b| b.is_ascii_alphanumeric() || b".-+!_:~".contains(&b));
    plain && version.starts_with(|c: char| c.is_ascii_digit()) && numbers.filter(|n| !n.is_empty() && *n != "x").count() >= least
}

fn pinned(version: &str, least: usize) -> &str {
    if exact(version, least) { version } else { "" }
}

fn is_address(text: &str) -> bool {
    text.contains("://") || text.starts_with("git+") || text.starts_with("file:") || text.starts_with("git@")
}

fn is_path(text: &str) -> bool {
    text.starts_with(['.', '/', '~']) || text.contains('\\')
}

/// A requirement of Python: `name[extra]==1.2; marker`, `name @ url`, an address, a folder or a file.
pub fn python(text: &str) -> Option<Wanted> {
    if let Some((name, url)) = text.split_once('@').filter(|(n, url)| !is_address(n) && is_address(url.trim())) {
        let name = name.split('[').next().unwrap_or(name).trim();
        return Some(Wanted { origin: Some(url.trim().into()), ..Wanted::named(name, "")? });
    }
    let file = [".whl", ".tar.gz", ".zip", ".egg"].iter().any(|end| text.ends_with(end));
    if is_address(text) || is_path(text) || file || text.contains('/') {
        let mut wanted = Wanted::from(text);
        if let Some((_, egg)) = text.split_once("#egg=") {
            wanted.name = egg.split(['&', '[']).next().unwrap_or(egg).into();
        } else if let Some((name, version)) = wheel(text) {
            (wanted.name, wanted.version) = (name, version);
        }
        return Some(wanted);
    }
    let text = text.split(';').next().unwrap_or(text).trim();
    let end = text.find(|c: char| !(c.is_alphanumeric() || "._-".contains(c))).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let rest = rest.strip_prefix('[').map_or(rest, |r| r.split_once(']').map_or("", |(_, r)| r)).trim();
    let version = rest.strip_prefix("===").or_else(|| rest.strip_prefix("==")).or_else(|| rest.strip_prefix('@'));
    Wanted::named(name, version.map_or("", |v| pinned(v.trim(), 1)))
}

/// Name and version of a wheel by its file's name.
pub fn wheel(path: &str) -> Option<(String, String)> {
    let file = path.rsplit(['/', '\\']).next()?.split('#').next()?.strip_suffix(".whl")?;
    let mut parts = file.split('-');
    Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
}

/// A package of npm: `name@1.2.3`, `@scope/name@^1`, `alias@npm:name@1.2.3`, an address, a folder, `user/repository`.
pub fn npm(text: &str) -> Option<Wanted> {
    let (name, range) = match text.get(1..)?.find('@') {
        Some(at) => (text.get(..=at)?, text.get(at + 2..)?),
        None => (text, ""),
    };
    if is_address(name) || is_path(text) || text.ends_with(".tgz") && range.is_empty() || name.contains('/') && !name.starts_with('@') {
        return Some(Wanted::from(text));
    }
    if let Some(real) = range.strip_prefix("npm:") {
        return npm(real);
    }
    if is_address(range) || range.contains('/') {
        return Some(Wanted { origin: Some(range.into()), ..Wanted::named(name, "")? });
    }
    Wanted::named(name, pinned(range, 3))
}

/// A package of Debian: `name=1.2-3`, `name/release`, `name:arch`, a file.
pub fn debian(text: &str) -> Option<Wanted> {
    if is_path(text) || text.ends_with(".deb") {
        return Some(Wanted::from(text));
    }
    let (name, version) = text.split_once('=').unwrap_or((text, ""));
    let name = name.split(['/', ':']).next().unwrap_or(name);
    Wanted::named(name, pinned(version, 1))
}

/// A crate: `name@1.2.3`.
pub fn cargo(text: &str) -> Option<Wanted> {
    let (name, version) = text.split_once('@').unwrap_or((text, ""));
    Wanted::named(name, pinned(version.trim_start_matches('='), 3))
}

/// A gem: `name:1.2.3`, or a file.
pub fn gem(text: &str) -> Option<Wanted> {
    if is_path(text) || text.ends_with(".gem") {
        return Some(Wanted::from(text));
    }
    let (name, version) = text.split_once(':').unwrap_or((text, ""));
    Wanted::named(name, pinned(version, 1))
}

/// A formula of Homebrew; a version is part of its name.
pub fn brew(text: &str) -> Option<Wanted> {
    let mut wanted = Wanted::named(text.rsplit('/').next().unwrap_or(text), "")?;
    wanted.origin = text.rsplit_once('/').map(|(tap, _)| tap.to_owned());
    Some(wanted)
}

/// A package of conda: `channel::name==1.2.3`, `name=1.2.3=build`; with one `=` and no build it is a range.
pub fn conda(text: &str) -> Option<Wanted> {
    if is_address(text) || is_path(text) {
        return Some(Wanted::from(text));
    }
    let text = text.rsplit("::").next().unwrap_or(text);
    let end = text.find(|c: char| "=<>!~ [".contains(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let version = match rest.strip_prefix("==") {
        Some(version) => version,
        None => rest.strip_prefix('=').and_then(|r| r.split_once('=')).map_or("", |(version, _)| version),
    };
    Wanted::named(name, pinned(version, 1))
}

/// A package of Composer: `vendor/name:1.2.3`.
pub fn composer(text: &str) -> Option<Wanted> {
    let (name, version) = text.split_once([':', '=']).unwrap_or((text, ""));
    Wanted::named(name, pinned(version, 3))
}

//! Folders that a program carries to a cloud: a copy in one is a copy, and whether it was carried there nobody here knows.

use std::path::{Component, Path};

/// The names such folders have, each with what carries them.
const CARRIED: &[(&str, &str)] = &[
    ("OneDrive", "OneDrive"),
    ("Dropbox", "Dropbox"),
    ("Mobile Documents", "iCloud"),
    ("iCloud Drive", "iCloud"),
    ("iCloudDrive", "iCloud"),
    ("CloudStorage", "a cloud's program"),
    ("Google Drive", "Google Drive"),
    ("GoogleDrive", "Google Drive"),
    ("Nextcloud", "Nextcloud"),
];

/// What carries a folder to a cloud, as far as its path tells: `OneDrive - Contoso` is one as well as `OneDrive`.
pub fn carrier(folder: &Path) -> Option<&'static str> {
    let mut names = folder.components().filter_map(|c| if let Component::Normal(name) = c { name.to_str() } else { None });
    let of = |name: &str| {
        let fits = |known: &str| name.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '-', '(']));
        CARRIED.iter().find(|(known, _)| fits(known)).map(|(_, carrier)| *carrier)
    };
    names.find_map(of)
}

/// What there is to say of copies in a folder; `None` for one that nothing carries away.
pub fn note(folder: &Path) -> Option<String> {
    let carrier = carrier(folder)?;
    let folder = crate::model::shown(folder);
    Some(format!("{folder} is carried to a cloud by {carrier}: the copies are on this disk; whether they were uploaded is not known"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_a_cloud_s_program_carries_away_is_known_by_its_path() {
        let of = |path: &str| carrier(Path::new(path));
        assert_eq!(of("/home/u/OneDrive - Contoso/Documents/Claude Cowork"), Some("OneDrive"));
        assert_eq!(of("/Users/u/Library/Mobile Documents/com~apple~CloudDocs"), Some("iCloud"));
        assert_eq!(of("/home/u/Dropbox (Work)/x"), Some("Dropbox"));
        assert_eq!(of("/home/u/Documents/Dropboxes"), None);
    }
}

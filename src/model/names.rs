//! File names as bytes, as JSON and as something a screen can show.

use base64::Engine;
use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::Path;

/// Endings of documents people write. No cache makes them, so one of these in a cache was put there.
const DOCUMENTS: &[&str] = &[
    "docx", "docm", "doc", "xlsx", "xlsm", "xls", "pptx", "pptm", "ppt", "odt", "ods", "odp", "odg", "pages", "numbers", "key", "tex",
    "bib", "psd", "ai", "indd", "rtf", "pdf", "epub",
];

/// Whether a name ends like a document people write.
pub fn is_document(path: &Path) -> bool {
    path.extension().and_then(|e| e.to_str()).is_some_and(|e| DOCUMENTS.iter().any(|d| d.eq_ignore_ascii_case(e)))
}

/// The bytes a name is stored as in the catalogue: the name itself on Unix; on Windows UTF-8 where the name is
/// valid Unicode, else with each lone half of a surrogate pair as the three bytes UTF-8 has no use for (WTF-8).
pub fn to_bytes(name: &OsStr) -> Cow<'_, [u8]> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Cow::Borrowed(name.as_bytes())
    }
    #[cfg(not(unix))]
    {
        name.to_str().map_or_else(|| Cow::Owned(wide_bytes(name)), |s| Cow::Borrowed(s.as_bytes()))
    }
}

#[cfg(windows)]
fn wide_bytes(name: &OsStr) -> Vec<u8> {
    use std::os::windows::ffi::OsStrExt;
    let mut out = Vec::new();
    for c in char::decode_utf16(name.encode_wide()) {
        match c.map_err(|e| e.unpaired_surrogate().to_le_bytes()) {
            Ok(c) => out.extend(c.encode_utf8(&mut [0; 4]).bytes()),
            Err([low, high]) => out.extend([0xED, 0x80 | (high & 0xF) << 2 | low >> 6, 0x80 | low & 0x3F]),
        }
    }
    out
}

/// The name that [`to_bytes`] made these bytes from.
pub fn from_bytes(bytes: &[u8]) -> OsString {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        OsStr::from_bytes(bytes).to_os_string()
    }
    #[cfg(windows)]
    {
        use std::os::windows::ffi::OsStringExt;
        let mut units: Vec<u16> = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let half = rest.windows(3).position(|w| matches!(w, [0xED, 0xA0..=0xBF, 0x80..=0xBF])).unwrap_or(rest.len());
            let (text, after) = rest.split_at(half);
            units.extend(String::from_utf8_lossy(text).encode_utf16());
            rest = match after {
                [_, middle, last, more @ ..] => {
                    units.push(0xD000 | u16::from(middle & 0x3F) << 6 | u16::from(last & 0x3F));
                    more
                }
                _ => &[],
            };
        }
        OsString::from_wide(&units)
    }
}

/// A path as text that no terminal acts on: control and direction characters become U+FFFD, bytes that are not
/// UTF-8 `\xNN`.
pub fn shown(path: &Path) -> String {
    shown_name(path.as_os_str())
}

/// A name as text that no terminal acts on; see [`shown`].
pub fn shown_name(name: &OsStr) -> String {
    let bytes = to_bytes(name);
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.extend(chunk.valid().chars().map(|c| if hostile(c) { '\u{FFFD}' } else { c }));
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02X}");
        }
    }
    out
}

/// Whether a character could move the cursor, change colours or reverse the reading direction.
fn hostile(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}')
}

/// A path in JSON: lossily in `path`, and exactly in `path_base64` where it is not valid UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PathText {
    /// The path, invalid bytes replaced by U+FFFD.
    pub path: String,
    /// The exact bytes, base64, only where `path` lost something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_base64: Option<String>,
}

impl PathText {
    /// The JSON form of a path.
    pub fn new(path: &Path) -> Self {
        let text = path.to_string_lossy().into_owned();
        let exact = path.to_str().is_none();
        let base64 = exact.then(|| base64::engine::general_purpose::STANDARD.encode(to_bytes(path.as_os_str())));
        Self { path: text, path_base64: base64 }
    }

    /// The path itself; `None` where the base64 cannot be read.
    pub fn to_path(&self) -> Option<std::path::PathBuf> {
        match &self.path_base64 {
            None => Some(self.path.clone().into()),
            Some(b) => base64::engine::general_purpose::STANDARD.decode(b).ok().map(|b| from_bytes(&b).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_would_colour_the_terminal_is_shown_harmless() {
        assert_eq!(shown_name(OsStr::new("a\x1b[31mred")), "a\u{FFFD}[31mred");
        assert_eq!(shown_name(OsStr::new("x\u{202E}gnp.exe")), "x\u{FFFD}gnp.exe");
    }

    #[cfg(windows)]
    #[test]
    fn a_name_that_is_not_unicode_comes_back_exactly() {
        use std::os::windows::ffi::OsStringExt;
        for units in [&[0x61, 0xD800, 0x2F5C, 0x62][..], &[0xDFFF], &[0xDC5C, 0xD83D, 0xDE00, 0xD83D], &[0x61]] {
            let name = OsString::from_wide(units);
            let bytes = to_bytes(&name).into_owned();
            assert_eq!(from_bytes(&bytes), name);
            assert!(!bytes.iter().any(|b| [0, b'/', b'\\'].contains(b)), "{bytes:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_not_utf8_comes_back_exactly_from_its_json() {
        let path = Path::new(&from_bytes(b"/a/\xe9\xff.bin")).to_path_buf();
        let text = PathText::new(&path);
        assert_eq!(text.path, "/a/\u{FFFD}\u{FFFD}.bin");
        assert_eq!(text.to_path(), Some(path.clone()));
        assert_eq!(shown(&path), "/a/\\xE9\\xFF.bin");
    }
}

//! Names that every platform accepts.

use unicode_segmentation::UnicodeSegmentation;

/// Names Windows keeps for devices, with whatever ending (learn.microsoft.com, "Naming Files, Paths, and Namespaces").
const RESERVED: &[&str] = &[
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2", "lpt3", "lpt4",
    "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// The longest folder name made from a title, in bytes of UTF-8; room is left for an id and for deep content.
const LONGEST: usize = 100;

/// A folder name made from a title, safe on every platform; `fallback` where nothing of it is left.
pub fn from_title(title: &str, fallback: &str) -> String {
    let words: String = title.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !hidden(*c)).collect();
    let safe: String = words.chars().map(|c| if forbidden(c) { '-' } else { c }).collect();
    let safe = safe.split(' ').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
    let mut short = String::new();
    for piece in safe.trim_start_matches(['.', ' ', '-']).graphemes(true) {
        if short.len() + piece.len() > LONGEST {
            break;
        }
        short.push_str(piece);
    }
    let short = short.trim_end_matches(['.', ' ']);
    if short.is_empty() { unreserved(fallback) } else { unreserved(short) }
}

/// A file's name for a copy: itself where it can stand, else with the signs that cannot replaced.
pub fn for_copy(name: &str, windows: bool) -> String {
    let name: String = name.chars().map(|c| if c.is_control() || (windows && forbidden(c)) { '_' } else { c }).collect();
    if !windows {
        return name;
    }
    let end = name.trim_end_matches(['.', ' ']);
    unreserved(if end.is_empty() { "_" } else { end })
}

/// The name with a number before its ending: `a.tar.gz`, 2 → `a.tar (2).gz`.
pub fn numbered(name: &str, n: usize) -> String {
    let (stem, end) =
        name.rsplit_once('.').filter(|(s, e)| !s.is_empty() && e.len() <= 16).map_or((name, String::new()), |(s, e)| (s, format!(".{e}")));
    let tail = format!(" ({n}){end}");
    // 255 bytes is the longest name of nearly every file system.
    let mut room = stem.len().min(255_usize.saturating_sub(tail.len()));
    while !stem.is_char_boundary(room) {
        room -= 1;
    }
    format!("{}{tail}", stem.get(..room).unwrap_or_default())
}

fn unreserved(name: &str) -> String {
    let stem = name.split('.').next().unwrap_or(name).trim_end();
    if RESERVED.contains(&stem.to_lowercase().as_str()) {
        return format!("{stem}_{}", name.get(stem.len()..).unwrap_or_default());
    }
    name.to_owned()
}

fn forbidden(c: char) -> bool {
    c.is_control() || "<>:\"/\\|?*".contains(c)
}

/// Signs without a width that could reverse or hide a part of a name.
fn hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_title_becomes_a_name_every_platform_accepts() {
        let of = |t: &str| from_title(t, "5a7d4a86");
        assert_eq!(of("Quarterly report"), "Quarterly report");
        assert_eq!(of("Q3: sales/costs?"), "Q3- sales-costs-");
        assert_eq!(of("../../etc"), "etc");
        assert_eq!(of("a\nb\x1b[31m\u{202E}c..."), "a b[31mc");
        assert_eq!(of("NUL.txt"), "NUL_.txt");
        assert_eq!(of(" . "), "5a7d4a86");
        assert_eq!(of("会議のまとめ"), "会議のまとめ");
        assert!(of(&"日本".repeat(200)).len() <= 100);
    }

    #[test]
    fn a_number_stands_before_the_ending() {
        assert_eq!(numbered("chart.png", 2), "chart (2).png");
        assert_eq!(numbered(".env", 3), ".env (3)");
        assert_eq!(numbered(&"é".repeat(127), 2).len(), 254);
    }

    #[test]
    fn a_copy_keeps_its_name_where_that_can_stand() {
        assert_eq!(for_copy("a:b?.txt", false), "a:b?.txt");
        assert_eq!(for_copy("a:b?.txt ", true), "a_b_.txt");
        assert_eq!(for_copy("a\x1b\n", false), "a__");
        assert_eq!(for_copy("aux.c", true), "aux_.c");
    }

    proptest! {
        #[test]
        fn whatever_the_title_the_name_is_one_safe_part(title in "\\PC*|.*") {
            let name = from_title(&title, "id");
            prop_assert!(!name.is_empty() && name.len() <= 110);
            prop_assert!(!name.chars().any(forbidden) && !name.starts_with('.') && !name.ends_with(['.', ' ']));
        }
    }
}

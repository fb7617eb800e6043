//! Text as it is compared: cut into words and signs, without case and accents.
//!
//! A word is a run of letters and digits. Scripts that put no spaces between words (Han, kana, Thai, Lao, Khmer, Burmese) are cut
//! into single signs, which are looked for one after the other: so a piece of a sentence is found wherever it stands.

use nucleo_matcher::chars::{normalize, to_lower_case};

/// A word or a sign, where it stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Atom {
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Whether it is a sign of a script without spaces.
    pub is_sign: bool,
}

/// The words and signs of a text, one after the other.
#[derive(Debug)]
pub struct Atoms<'t> {
    text: &'t str,
    at: usize,
    folded: String,
}

/// What a character is to a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// Between words.
    Between,
    /// A part of a word.
    Word,
    /// A word by itself.
    Sign,
    /// Left out wherever it stands: accents, vowel points, joiners.
    Mark,
}

impl<'t> Atoms<'t> {
    /// Those of a text.
    pub fn of(text: &'t str) -> Self {
        Self { text, at: 0, folded: String::with_capacity(64) }
    }

    /// The one found last, folded.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// The next one.
    pub fn step(&mut self) -> Option<Atom> {
        self.folded.clear();
        let start = self.begin()?;
        let rest = self.text.get(start..)?;
        let mut end = start;
        let bytes = rest.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if byte < 0x80 {
                if !byte.is_ascii_alphanumeric() {
                    break;
                }
                self.folded.push(char::from(byte.to_ascii_lowercase()));
                at += 1;
                end = start + at;
                continue;
            }
            let Some(c) = rest.get(at..).and_then(|r| r.chars().next()) else { break };
            match sort(c) {
                Sort::Between => break,
                Sort::Mark => {}
                Sort::Sign if end > start => break,
                Sort::Sign => {
                    self.folded.push(fold(c));
                    self.at = start + at + c.len_utf8();
                    return Some(Atom { start, end: self.at, is_sign: true });
                }
                Sort::Word => self.folded.push(fold(c)),
            }
            at += c.len_utf8();
            end = start + at;
        }
        self.at = end;
        Some(Atom { start, end, is_sign: false })
    }

    /// Where the next one begins.
    fn begin(&self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        loop {
            let byte = *bytes.get(at)?;
            if byte < 0x80 {
                if byte.is_ascii_alphanumeric() {
                    return Some(at);
                }
                at += 1;
                continue;
            }
            let c = self.text.get(at..)?.chars().next()?;
            match sort(c) {
                Sort::Word | Sort::Sign => return Some(at),
                Sort::Between | Sort::Mark => at += c.len_utf8(),
            }
        }
    }
}

/// What a character that is not ASCII is.
fn sort(c: char) -> Sort {
    match c {
        // Accents that stand by themselves, points of Hebrew and Arabic, joiners, soft hyphens, voicing of kana.
        '\u{AD}'
        | '\u{300}'..='\u{36F}'
        | '\u{591}'..='\u{5BD}'
        | '\u{5BF}'
        | '\u{5C1}'..='\u{5C2}'
        | '\u{5C4}'..='\u{5C5}'
        | '\u{5C7}'
        | '\u{610}'..='\u{61A}'
        | '\u{640}'
        | '\u{64B}'..='\u{65F}'
        | '\u{670}'
        | '\u{6D6}'..='\u{6DC}'
        | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}'
        | '\u{200B}'..='\u{200D}'
        | '\u{20D0}'..='\u{20FF}'
        | '\u{3099}'..='\u{309A}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FE20}'..='\u{FE2F}'
        | '\u{FEFF}' => Sort::Mark,
        // Digits, and marks that end sentences, in scripts without spaces.
        '\u{E50}'..='\u{E59}' | '\u{ED0}'..='\u{ED9}' | '\u{1040}'..='\u{1049}' | '\u{17E0}'..='\u{17E9}' => Sort::Word,
        '\u{E2F}' | '\u{E3F}' | '\u{E4F}' | '\u{E5A}'..='\u{E5B}' | '\u{104A}'..='\u{104F}' | '\u{17D4}'..='\u{17DB}' => Sort::Between,
        '\u{E01}'..='\u{EDF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17DD}' | '\u{19E0}'..='\u{19FF}' => Sort::Sign,
        '\u{2E80}'..='\u{2FDF}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}' | '\u{3041}'..='\u{309F}' => Sort::Sign,
        '\u{30FB}' => Sort::Between,
        '\u{30A1}'..='\u{312F}' | '\u{31A0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' => Sort::Sign,
        '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FF9D}' | '\u{1B000}'..='\u{1B16F}' | '\u{20000}'..='\u{3FFFF}' => Sort::Sign,
        // Vowel signs and viramas of Indic scripts belong to their words; dandas end sentences.
        '\u{964}' | '\u{965}' | '\u{970}' => Sort::Between,
        '\u{900}'..='\u{DFF}' => Sort::Word,
        _ if c.is_alphanumeric() => Sort::Word,
        _ => Sort::Between,
    }
}

/// A character without case and accent.
fn fold(c: char) -> char {
    let wide = |c: char| u32::from(c).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(c);
    let c = match c {
        '\u{FF01}'..='\u{FF5E}' => wide(c),
        other => other,
    };
    match to_lower_case(c) {
        'ά' => 'α',
        'έ' => 'ε',
        'ή' => 'η',
        'ί' | 'ϊ' | 'ΐ' => 'ι',
        'ό' => 'ο',
        'ύ' | 'ϋ' | 'ΰ' => 'υ',
        'ώ' => 'ω',
        'ς' => 'σ',
        'ё' => 'е',
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ى' => 'ي',
        lower => normalize(lower),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atoms(text: &str) -> Vec<String> {
        let mut atoms = Atoms::of(text);
        let mut all = Vec::new();
        while let Some(atom) = atoms.step() {
            assert!(text.get(atom.start..atom.end).is_some_and(|t| !t.is_empty()));
            all.push(atoms.folded().to_owned());
        }
        all
    }

    #[test]
    fn words_are_runs_of_letters_and_digits_without_case_and_accent() {
        assert_eq!(
            atoms("Größe, DÉJÀ-vu! naïve_Résumé x2"),
            ["grosse", "deja", "vu", "naive", "resume", "x2"].map(|w| w.replace("ss", "s"))
        );
        assert_eq!(atoms("e\u{301}te\u{301} — Ёлка Ελλάς ＡＢＣ１"), ["ete", "елка", "ελλασ", "abc1"]);
        assert_eq!(atoms("  \n.,;"), Vec::<String>::new());
    }

    #[test]
    fn points_and_joiners_are_left_out_of_arabic_hebrew_and_persian() {
        assert_eq!(atoms("السَّلامُ عليكم"), ["السلام", "عليكم"]);
        assert_eq!(atoms("שָׁלוֹם"), ["שלום"]);
        assert_eq!(atoms("می\u{200C}خواهم"), ["میخواهم"]);
    }

    #[test]
    fn scripts_with_no_spaces_are_cut_into_signs_and_others_are_not() {
        assert_eq!(atoms("Rustで日本語"), ["rust", "で", "日", "本", "語"]);
        assert_eq!(atoms("我们。Ok"), ["我", "们", "ok"]);
        assert_eq!(atoms("ที่").len(), 3);
        assert_eq!(atoms("서울에서 만나요"), ["서울에서", "만나요"]);
        assert_eq!(atoms("नमस्ते दुनिया।"), ["नमस्ते", "दुनिया"]);
    }
}

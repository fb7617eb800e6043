//! Whether a text has what is asked, how well, and where.

use super::fold::{Atom, Atoms};
use super::query::{Query, Want};
use std::ops::Range;

/// How well a text has what is asked, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// All of it stands there as one phrase of whole words, or as the very signs that were given.
    Exact,
    /// Every word stands there as a whole.
    Words,
    /// Some words stand there only as the beginnings of longer ones.
    Begins,
}

impl Fit {
    /// It in a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Words => "words",
            Self::Begins => "begins",
        }
    }
}

/// Where a text has what is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How well.
    pub fit: Fit,
    /// Where, in the order of the text, with the number of what was found there: a phrase of the query, or 0.
    pub marks: Vec<(Range<usize>, usize)>,
}

/// What looks through texts.
pub trait Look: Send + Sync {
    /// Whether a text has what is asked.
    fn look(&self, text: &str, room: &mut Room) -> Option<Found>;
}

/// Room for the words of one text after the other.
#[derive(Debug, Default)]
pub struct Room {
    atoms: Vec<(Atom, Range<usize>)>,
    folded: String,
}

/// More places in one text are not marked.
const MARKS: usize = 256;

impl Look for Query {
    fn look(&self, text: &str, room: &mut Room) -> Option<Found> {
        room.read(text);
        let mut marks = Vec::new();
        let mut fit = Fit::Words;
        for (number, phrase) in self.phrases.iter().enumerate() {
            let (mut any, mut whole) = (false, false);
            for (range, is_whole) in room.places(phrase).take(MARKS) {
                (any, whole) = (true, whole || is_whole);
                marks.push((range, number));
            }
            if !any {
                return None;
            }
            if !whole {
                fit = Fit::Begins;
            }
        }
        if fit == Fit::Words && room.places(&self.whole).next().is_some() {
            fit = Fit::Exact;
        }
        marks.sort_by_key(|(range, number)| (range.start, *number));
        Some(Found { fit, marks })
    }
}

impl Room {
    fn read(&mut self, text: &str) {
        self.atoms.clear();
        self.folded.clear();
        let mut atoms = Atoms::of(text);
        while let Some(atom) = atoms.step() {
            let from = self.folded.len();
            self.folded.push_str(atoms.folded());
            self.atoms.push((atom, from..self.folded.len()));
        }
    }

    /// Where a phrase stands, and whether its last word is whole there.
    fn places<'r>(&'r self, phrase: &'r [Want]) -> impl Iterator<Item = (Range<usize>, bool)> + 'r {
        let starts = 0..(self.atoms.len() + 1).saturating_sub(phrase.len().max(1));
        starts.filter_map(move |at| {
            let (mut start, mut end, mut whole) = (None, 0, true);
            for (want, (atom, folded)) in phrase.iter().zip(self.atoms.get(at..)?) {
                let folded = self.folded.get(folded.clone())?;
                let is = if want.begins { folded.starts_with(&*want.folded) } else { folded == want.folded };
                let follows = !(want.is_sign && start.is_some()) || end == atom.start;
                if !is || want.is_sign != atom.is_sign || !follows {
                    return None;
                }
                whole &= folded.len() == want.folded.len();
                start.get_or_insert(atom.start);
                // Of a word that goes on only what was asked is marked, as long as nothing was left out of it.
                end = if atom.end - atom.start == folded.len() { atom.start + want.folded.len() } else { atom.end };
            }
            Some((start?..end, whole))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::query::Filter;
    use super::*;

    fn fit(query: &str, text: &str) -> Option<(Fit, Vec<String>)> {
        let found = Query::read(query, Filter::default()).unwrap().look(text, &mut Room::default())?;
        Some((found.fit, found.marks.into_iter().map(|(range, _)| text[range].to_owned()).collect()))
    }

    #[test]
    fn all_words_must_stand_there_and_what_stands_there_as_it_was_asked_is_better() {
        assert_eq!(fit("café plan", "The PLAN of the Cafe"), Some((Fit::Words, vec!["PLAN".into(), "Cafe".into()])));
        assert_eq!(fit("cafe plan", "a café-plan"), Some((Fit::Exact, vec!["café".into(), "plan".into()])));
        assert_eq!(fit("plan", "planned"), Some((Fit::Begins, vec!["plan".into()])));
        assert_eq!((fit("plan", "airplane"), fit("plan zebra", "plan")), (None, None));
    }

    #[test]
    fn a_phrase_in_quotes_is_found_only_as_it_is() {
        assert_eq!(fit("\"last words\"", "his Last\n  words were"), Some((Fit::Exact, vec!["Last\n  words".into()])));
        assert_eq!(fit("\"last word\"", "last words"), None);
        assert_eq!(fit("\"last word", "last words").map(|(fit, _)| fit), Some(Fit::Begins));
        assert_eq!(fit("\"words last\"", "last words"), None);
    }

    #[test]
    fn sentences_without_spaces_are_found_by_any_piece_of_them() {
        for (piece, sentence) in [
            ("天気", "今日の天気はとても良いです。"),
            ("セッション", "前回のセッションで何を決めましたか？"),
            ("磁盘空间", "请检查服务器的磁盘空间是否足够。"),
            ("备", "数据库备份"),
            ("สำรองข้อมูล", "กรุณาสำรองข้อมูลก่อนลบไฟล์"),
            ("ຂໍ້ມູນ", "ສຳຮອງຂໍ້ມູນກ່ອນ"),
            ("ទិន្នន័យ", "បម្រុងទុកទិន្នន័យមុន"),
            ("서울", "내일 서울에서 만나요"),
        ] {
            let found = fit(piece, sentence);
            assert_eq!(found.clone().map(|(_, marks)| marks), Some(vec![piece.to_owned()]), "{piece}");
        }
        assert_eq!(fit("天気", "天の気"), None);
        assert_eq!(fit("天気", "天、気"), None);
    }
}

//! A command line taken apart as a shell does it: into simple commands, each its words without quotes. What a variable or
//! a substitution gives is not known; a word with one keeps its `$`.

use std::iter::Peekable;
use std::str::Chars;

/// A simple command.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Simple {
    /// Its words.
    pub words: Vec<String>,
    /// How many sub-shells it runs in: what it changes is gone with them.
    pub depth: usize,
}

/// How deep substitutions are looked into.
const DEEPEST: usize = 8;

/// The simple commands of a command line, in order.
pub fn commands(text: &str) -> Vec<Simple> {
    inner(text, 0)
}

fn inner(text: &str, depth: usize) -> Vec<Simple> {
    let mut reader = Reader { rest: text.chars().peekable(), depth, ..Reader::default() };
    reader.read();
    reader.done
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    done: Vec<Simple>,
    words: Vec<String>,
    word: Option<String>,
    /// The next word is a redirection's file, or the end of a text that stands in the lines below.
    aside: Option<Aside>,
    ends: Vec<String>,
    depth: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Aside {
    File,
    End,
}

impl Default for Reader<'_> {
    fn default() -> Self {
        Self { rest: "".chars().peekable(), done: Vec::new(), words: Vec::new(), word: None, aside: None, ends: Vec::new(), depth: 0 }
    }
}

impl Reader<'_> {
    fn read(&mut self) {
        while let Some(c) = self.rest.next() {
            match c {
                '\n' => {
                    self.end_command();
                    self.pass_texts();
                }
                ';' | '|' => self.end_command(),
                '&' if self.rest.peek() == Some(&'>') => self.end_word(),
                '&' => self.end_command(),
                c if c.is_whitespace() => self.end_word(),
                '#' if self.word.is_none() => while self.rest.next_if(|c| *c != '\n').is_some() {},
                '(' if self.word.is_none() => {
                    self.end_command();
                    self.depth += 1;
                }
                ')' => {
                    self.end_command();
                    self.depth = self.depth.saturating_sub(1);
                }
                '<' | '>' => self.redirect(c),
                '\'' => self.quoted(),
                '"' => self.double(),
                '\\' => match self.rest.next() {
                    Some('\n') | None => {}
                    Some(c) => self.put(c),
                },
                '$' | '`' => self.expanded(c),
                c => self.put(c),
            }
        }
        self.end_command();
    }

    fn put(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        match self.aside.take() {
            None => self.words.push(word),
            Some(Aside::File) => {}
            Some(Aside::End) => self.ends.push(word),
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        self.aside = None;
        let words = std::mem::take(&mut self.words);
        if !words.is_empty() {
            self.done.push(Simple { words, depth: self.depth });
        }
    }

    fn redirect(&mut self, first: char) {
        // A number right before it names what is redirected.
        if self.word.as_ref().is_some_and(|w| w.bytes().all(|b| b.is_ascii_digit())) {
            self.word = None;
        }
        self.end_word();
        let mut sign = String::from(first);
        while let Some(c) = self.rest.next_if(|c| matches!(c, '<' | '>' | '&' | '|' | '-')) {
            sign.push(c);
        }
        self.aside = match sign.as_str() {
            "<<" | "<<-" => Some(Aside::End),
            s if s.ends_with("&-") => None,
            _ => Some(Aside::File),
        };
    }

    /// Passes over the texts that `<<END` put below this line.
    fn pass_texts(&mut self) {
        for end in std::mem::take(&mut self.ends) {
            loop {
                let mut line = String::new();
                while let Some(c) = self.rest.next_if(|c| *c != '\n') {
                    line.push(c);
                }
                let more = self.rest.next().is_some();
                if line.trim() == end || !more {
                    break;
                }
            }
        }
    }

    fn quoted(&mut self) {
        let word = self.word.get_or_insert_default();
        for c in self.rest.by_ref().take_while(|c| *c != '\'') {
            word.push(c);
        }
    }

    fn double(&mut self) {
        self.word.get_or_insert_default();
        while let Some(c) = self.rest.next() {
            match c {
                '"' => return,
                '\\' => match self.rest.next() {
                    Some('\n') | None => {}
                    Some(c @ ('"' | '\\' | '$' | '`')) => self.put(c),
                    Some(c) => {
                        self.put('\\');
                        self.put(c);
                    }
                },
                '$' | '`' => self.expanded(c),
                c => self.put(c),
            }
        }
    }

    /// A variable stays as it is written; the commands of a substitution come before the one it stands in.
    fn expanded(&mut self, sign: char) {
        self.put('$');
        let text: String = if sign == '`' {
            self.rest.by_ref().take_while(|c| *c != '`').collect()
        } else if self.rest.next_if_eq(&'(').is_some() {
            let mut open = 1;
            let within = |c: &char| {
                open += i32::from(*c == '(') - i32::from(*c == ')');
                open > 0
            };
            self.rest.by_ref().take_while(within).collect()
        } else {
            return;
        };
        if self.depth < DEEPEST {
            self.done.extend(inner(&text, self.depth + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<Vec<String>> {
        commands(text).into_iter().map(|c| c.words).collect()
    }

    #[test]
    fn a_line_comes_apart_as_a_shell_takes_it() {
        assert_eq!(
            split("cd 'a b' && pip install \"x<2\" y\\ z; ls | wc"),
            [vec!["cd", "a b"], vec!["pip", "install", "x<2", "y z"], vec!["ls"], vec!["wc"]]
        );
        assert_eq!(split("pip install x 2>&1 >/dev/null &>log # pip install y\nls"), [vec!["pip", "install", "x"], vec!["ls"]]);
        assert_eq!(split("cat > r.sh <<'EOF'\npip install evil\nEOF\nls"), [vec!["cat"], vec!["ls"]]);
        assert_eq!(split("pip install \\\n  a \\\n  b"), [vec!["pip", "install", "a", "b"]]);
        assert_eq!(split("X=$(pip install a) echo \"$X\""), [vec!["pip", "install", "a"], vec!["X=$", "echo", "$X"]]);
        assert_eq!(split("cat <<A <<B\n1\nA\n2\nB\nls"), [vec!["cat"], vec!["ls"]]);
    }

    #[test]
    fn what_a_sub_shell_changes_is_told_by_its_depth() {
        let depths: Vec<usize> = commands("(cd a; ls); ls").iter().map(|c| c.depth).collect();
        assert_eq!(depths, [1, 1, 0]);
    }

    proptest::proptest! {
        #[test]
        fn garbage_is_taken_apart_without_a_panic(text in "[\\PC\n$()`'\"<>&|;#\\\\]{0,200}") {
            let _ = commands(&text);
        }
    }
}

//! Splits what people paste into simple commands and words, of a shell, of PowerShell or of the Windows prompt. Nothing is
//! expanded here.

/// One word, as it was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Its text without quotes.
    pub text: String,
    /// Whether all of it stood in quotes that stop patterns (`*`) from being patterns.
    pub quoted: bool,
}

/// The simple commands of a text, each a list of words.
pub fn commands(text: &str) -> Vec<Vec<Word>> {
    let mut reader = Reader::default();
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '\'' => reader.until(&mut letters, '\'', false),
            '"' => reader.until(&mut letters, '"', true),
            // A backslash is a separator of folders on Windows, and elsewhere keeps what follows from being read.
            '\\' => match letters.peek() {
                Some(next) if " \t'\"()&;|*?[]{}$#\\".contains(*next) => reader.put(letters.next().unwrap_or('\\')),
                Some('\n') => drop(letters.next()),
                _ => reader.put('\\'),
            },
            '#' if reader.word.is_empty() && !reader.begun => while letters.next_if(|c| *c != '\n').is_some() {},
            ';' | '\n' | '|' | '&' => reader.end_command(),
            c if c.is_whitespace() => reader.end_word(),
            c => {
                reader.plain = true;
                reader.put(c);
            }
        }
    }
    reader.end_command();
    reader.commands
}

#[derive(Default)]
struct Reader {
    commands: Vec<Vec<Word>>,
    words: Vec<Word>,
    word: String,
    begun: bool,
    /// Whether some letter of the word stood outside quotes.
    plain: bool,
}

impl Reader {
    fn put(&mut self, c: char) {
        self.word.push(c);
        self.begun = true;
    }

    fn until(&mut self, letters: &mut std::iter::Peekable<std::str::Chars<'_>>, end: char, escapes: bool) {
        self.begun = true;
        while let Some(c) = letters.next() {
            match c {
                c if c == end => return,
                '\\' if escapes && letters.peek().is_some_and(|n| "\"$`\\".contains(*n)) => self.word.extend(letters.next()),
                c => self.word.push(c),
            }
        }
    }

    fn end_word(&mut self) {
        if std::mem::take(&mut self.begun) {
            let quoted = !std::mem::take(&mut self.plain);
            self.words.push(Word { text: std::mem::take(&mut self.word), quoted });
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        if !self.words.is_empty() {
            self.commands.push(std::mem::take(&mut self.words));
        }
    }
}

//! What a command would remove, by the programs it names.

use super::shell::{Word, commands};

/// What happens to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It is gone.
    Removes,
    /// It is in the system's bin.
    Trashes,
    /// It lies under another name.
    Moves,
}

/// What one command would remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The program.
    pub program: String,
    /// What happens.
    pub way: Way,
    /// The things, as the command names them.
    pub words: Vec<String>,
    /// The folder it is run in, as the command before it says.
    pub cd: Option<String>,
    /// Why what it removes is not wholly known.
    pub unclear: Option<String>,
}

impl Removal {
    /// What happens to one thing it names, as a sentence.
    pub fn sentence(&self, word: &str) -> String {
        match self.way {
            Way::Removes => format!("`{}` removes {word} for good", self.program),
            Way::Trashes => format!("`{}` puts {word} into the bin, which is emptied some day", self.program),
            Way::Moves => format!("`{}` moves {word} away; the app then finds nothing in its place", self.program),
        }
    }
}

/// Programs that remove, and how; by their names in small letters.
const PROGRAMS: &[(&str, Way)] = &[
    ("rm", Way::Removes),
    ("unlink", Way::Removes),
    ("rmdir", Way::Removes),
    ("shred", Way::Removes),
    ("srm", Way::Removes),
    ("del", Way::Removes),
    ("erase", Way::Removes),
    ("rd", Way::Removes),
    ("ri", Way::Removes),
    ("remove-item", Way::Removes),
    ("trash", Way::Trashes),
    ("trash-put", Way::Trashes),
    ("rmtrash", Way::Trashes),
    ("mv", Way::Moves),
    ("move", Way::Moves),
    ("move-item", Way::Moves),
    ("mi", Way::Moves),
    ("ren", Way::Moves),
    ("rename-item", Way::Moves),
];

/// Words before a program that change nothing about what it removes.
const BEFORE: &[&str] = &["sudo", "doas", "command", "nohup", "time", "env", "then", "do", "else", "exec"];

/// Everything a text would remove, command by command.
pub fn removals(text: &str) -> Vec<Removal> {
    let mut cd: Option<String> = None;
    let mut found = Vec::new();
    for words in commands(text) {
        let words: Vec<&Word> = words.iter().skip_while(|w| BEFORE.contains(&w.text.as_str()) || is_setting(&w.text)).collect();
        let Some((first, rest)) = words.split_first() else { continue };
        let program = program_of(&first.text);
        match program.as_str() {
            "cd" | "pushd" | "set-location" | "chdir" => cd = rest.last().map(|w| w.text.clone()),
            "bash" | "sh" | "zsh" | "powershell" | "pwsh" | "cmd" => {
                let inner: Vec<&str> =
                    rest.iter().map(|w| w.text.as_str()).skip_while(|w| w.starts_with('-') || w.starts_with('/')).collect();
                found.extend(removals(&inner.join(" ")).into_iter().map(|r| Removal { cd: r.cd.or_else(|| cd.clone()), ..r }));
            }
            "find" => found.extend(by_find(rest, cd.as_deref())),
            "xargs" => found.push(unclear(&program, cd.as_deref(), "what `xargs` is given is not known before it runs")),
            "gio" if rest.first().is_some_and(|w| w.text == "trash") => {
                found.push(plain("gio trash", Way::Trashes, rest.get(1..).unwrap_or_default(), cd.as_deref()));
            }
            _ => {
                if let Some((_, way)) = PROGRAMS.iter().find(|(name, _)| *name == program) {
                    found.push(plain(&program, *way, rest, cd.as_deref()));
                }
            }
        }
    }
    found
}

/// `NAME=value` before a program.
fn is_setting(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

/// A program's own name, in small letters.
fn program_of(word: &str) -> String {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word).to_ascii_lowercase();
    name.strip_suffix(".exe").map_or(name.clone(), str::to_owned)
}

/// The words of a program that are things and no options.
fn plain(program: &str, way: Way, words: &[&Word], cd: Option<&str>) -> Removal {
    let mut things: Vec<String> = Vec::new();
    let mut all_things = false;
    for word in words {
        let text = word.text.as_str();
        let windows_option =
            text.starts_with('/') && text.len() == 2 && matches!(program, "del" | "erase" | "rd" | "rmdir" | "move" | "ren");
        match text {
            "--" => all_things = true,
            _ if !all_things && (text.starts_with('-') || windows_option) => {}
            // PowerShell takes a list with commas.
            _ if matches!(program, "remove-item" | "ri") => things.extend(text.split(',').filter(|t| !t.is_empty()).map(str::to_owned)),
            _ => things.push(text.to_owned()),
        }
    }
    if way == Way::Moves {
        // The last is where they go.
        things.truncate(things.len().saturating_sub(1).max(usize::from(things.len() == 1)));
    }
    Removal { program: program.to_owned(), way, words: things, cd: cd.map(str::to_owned), unclear: None }
}

/// `find` removes what it finds; whatever its tests, all below where it looks may be meant.
fn by_find(words: &[&Word], cd: Option<&str>) -> Option<Removal> {
    let removes = words.iter().any(|w| w.text == "-delete")
        || words
            .iter()
            .zip(words.iter().skip(1))
            .any(|(a, b)| matches!(a.text.as_str(), "-exec" | "-execdir" | "-ok") && program_of(&b.text) == "rm");
    let tops: Vec<String> = words.iter().take_while(|w| !w.text.starts_with(['-', '(', '!'])).map(|w| w.text.clone()).collect();
    removes.then(|| Removal {
        program: "find".into(),
        way: Way::Removes,
        words: if tops.is_empty() { vec![".".into()] } else { tops },
        cd: cd.map(str::to_owned),
        unclear: Some("which of the things below it `find` takes is not worked out here: all of them are counted".into()),
    })
}

fn unclear(program: &str, cd: Option<&str>, why: &str) -> Removal {
    Removal { program: program.to_owned(), way: Way::Removes, words: Vec::new(), cd: cd.map(str::to_owned), unclear: Some(why.to_owned()) }
}

//! The install commands of a command line: what they name, and where they put it.

use super::installers::{INSTALLERS, Installer};
use super::shell::{Simple, commands};
use super::wanted::Wanted;

/// An install command.
pub struct Act {
    /// The installer.
    pub installer: &'static Installer,
    /// Whether it takes packages out.
    pub takes: bool,
    /// What it names.
    pub wanted: Vec<Wanted>,
    /// Lists it reads names from, as paths there.
    pub lists: Vec<String>,
    /// The kind of environment.
    pub kind: &'static str,
    /// The environment's folder there; empty: the machine's own.
    pub folder: String,
}

/// What a command asked, before it is told where that is.
#[derive(Debug, Default)]
pub struct Asked {
    options: Vec<(String, String)>,
    at: At,
    /// What stands before `bin/` in the program's path.
    prefix: Option<String>,
}

/// Where commands run.
#[derive(Debug, Clone, Default)]
pub struct At {
    /// The working folder; empty: not known.
    pub cwd: String,
    venv: Option<String>,
    conda: Option<String>,
}

/// How deep `sh -c` is looked into.
const DEEPEST: usize = 4;

impl At {
    /// A working folder, and nothing else known.
    pub fn folder(cwd: &str) -> Self {
        Self { cwd: cwd.to_owned(), ..Self::default() }
    }

    /// The install commands of a command line that runs here; afterwards this is where it left the shell.
    pub fn run(&mut self, text: &str) -> Vec<Act> {
        let mut acts = Vec::new();
        self.run_all(text, &mut acts, 0);
        acts
    }

    fn run_all(&mut self, text: &str, acts: &mut Vec<Act>, deep: usize) {
        let mut outer: Vec<At> = Vec::new();
        for Simple { words, depth } in commands(text) {
            while outer.len() < depth {
                outer.push(self.clone());
            }
            while outer.len() > depth {
                *self = outer.pop().unwrap_or_default();
            }
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            self.simple(&words, acts, deep);
        }
        if let Some(first) = outer.into_iter().next() {
            *self = first;
        }
    }

    fn simple(&mut self, words: &[&str], acts: &mut Vec<Act>, deep: usize) {
        let mut here = self.clone();
        let words = unwrapped(words, &mut here);
        match words {
            ["cd" | "pushd", to] => self.cwd = if to.contains('$') || *to == "-" { String::new() } else { join(&self.cwd, to) },
            ["source" | ".", script, ..] => {
                if let Some(venv) = script.strip_suffix("/activate").and_then(|s| s.rsplit_once('/')).map(|(venv, _)| venv) {
                    self.venv = Some(join(&self.cwd, venv));
                }
            }
            ["deactivate", ..] => self.venv = None,
            ["export", set] => {
                if let Some(venv) = set.strip_prefix("VIRTUAL_ENV=") {
                    self.venv = Some(join(&self.cwd, venv));
                }
            }
            ["conda" | "mamba" | "micromamba", "activate", name] => self.conda = Some((*name).to_owned()),
            ["bash" | "sh" | "zsh" | "dash", "-c" | "-lc" | "-ec" | "-ic", text, ..] if deep < DEEPEST => {
                here.run_all(text, acts, deep + 1);
            }
            [program, rest @ ..] => acts.extend(here.act(program, rest)),
            [] => {}
        }
    }

    /// The command as one of an installer.
    fn act(self, program: &str, rest: &[&str]) -> Option<Act> {
        let (folder, name) = program.rsplit_once(['/', '\\']).unwrap_or(("", program));
        let name = name.strip_suffix(".exe").unwrap_or(name);
        let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        let prefix =
            folder.strip_suffix("bin").or_else(|| folder.strip_suffix("Scripts")).map(|p| p.trim_end_matches(['/', '\\']).to_owned());
        let prefix = prefix.filter(|p| !matches!(p.as_str(), "" | "/usr" | "/usr/local" | "~/.local" | "/opt/homebrew"));
        let (plain, rest) = match (plain, rest) {
            ("python" | "py" | "pypy", _) => {
                let at = rest.iter().position(|w| *w == "-m")?;
                let module = rest.get(at + 1)?;
                (*module, rest.get(at + 2..)?)
            }
            ("npx" | "corepack", _) => {
                let at = rest.iter().position(|w| !w.starts_with('-'))?;
                (rest.get(at)?.split('@').next()?, rest.get(at + 1..)?)
            }
            ("uv" | "poetry" | "pipenv", ["run", more @ ..]) if !more.is_empty() => {
                let (program, rest) = more.split_first()?;
                return At { venv: self.venv.clone().or_else(|| Some(join(&self.cwd, ".venv"))), ..self }.act(program, rest);
            }
            _ => (plain, rest),
        };
        let asked = Asked { options: Vec::new(), at: self, prefix };
        INSTALLERS.iter().filter(|i| i.programs.contains(&plain)).find_map(|i| asked.clone_bare().with(i, rest))
    }
}

/// A command without what stands around it: keywords, settings of variables, `sudo` and its like.
fn unwrapped<'w>(mut words: &'w [&'w str], here: &mut At) -> &'w [&'w str] {
    while let [first, rest @ ..] = words {
        let options = |valued: &[&str]| {
            let mut at = 0;
            while let Some(word) = rest.get(at).filter(|w| w.starts_with('-')) {
                at += if valued.contains(word) { 2 } else { 1 };
            }
            at
        };
        let skip = match *first {
            "if" | "then" | "else" | "elif" | "do" | "while" | "until" | "!" | "{" | "nohup" | "exec" | "command" | "builtin" => 0,
            "sudo" | "doas" => options(&["-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T"]),
            "env" => options(&["-u", "-C", "-S"]),
            "time" | "stdbuf" => options(&[]),
            "nice" | "ionice" => options(&["-n", "-c"]),
            "timeout" => options(&["-k", "-s"]) + 1,
            word if is_setting(word) => {
                if let Some(venv) = word.strip_prefix("VIRTUAL_ENV=") {
                    here.venv = Some(join(&here.cwd, venv));
                }
                0
            }
            _ => break,
        };
        words = rest.get(skip..).unwrap_or_default();
    }
    words
}

fn is_setting(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

/// A path below another, with `.` and `..` gone as far as that is known.
pub fn join(cwd: &str, path: &str) -> String {
    let rooted = path.starts_with(['/', '~']) || path.get(1..3).is_some_and(|p| p == ":\\" || p == ":/");
    let whole = if rooted || cwd.is_empty() { path.to_owned() } else { format!("{cwd}/{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("{}{}", if whole.starts_with('/') { "/" } else { "" }, parts.join("/"))
}

impl Asked {
    fn clone_bare(&self) -> Self {
        Self { options: Vec::new(), at: self.at.clone(), prefix: self.prefix.clone() }
    }

    /// The command of this installer; `None`: it puts nothing in and takes nothing out.
    fn with(mut self, installer: &'static Installer, words: &[&str]) -> Option<Act> {
        let mut plain: Vec<&str> = Vec::new();
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            if *word == "--" {
                plain.extend(rest.by_ref());
            } else if let Some((name, value)) = word.split_once('=').filter(|(name, _)| name.starts_with("--")) {
                self.options.push((name.to_owned(), value.to_owned()));
            } else if word.starts_with('-') && word.len() > 1 {
                let value = if installer.valued.contains(word) { rest.next().copied().unwrap_or_default() } else { "" };
                self.options.push(((*word).to_owned(), value.to_owned()));
            } else {
                plain.push(word);
            }
        }
        let (takes, words) = [(false, installer.puts), (true, installer.takes)]
            .into_iter()
            .find_map(|(takes, all)| {
                all.iter().find_map(|phrase| {
                    let phrase: Vec<&str> = phrase.split(' ').collect();
                    plain.strip_prefix(phrase.as_slice()).map(|rest| (takes, rest.to_vec()))
                })
            })
            // `yarn` alone installs.
            .or_else(|| {
                (plain.is_empty() && self.options.is_empty() && installer.programs.contains(&"yarn")).then(|| (false, Vec::new()))
            })?;
        if self.has(installer.tries) {
            return None;
        }
        let mut wanted: Vec<Wanted> =
            words.iter().filter(|w| !w.contains('$') && !w.contains('*')).filter_map(|w| (installer.wanted)(w)).collect();
        let editable = self.values(&["-e", "--editable"]).filter_map(|w| (installer.wanted)(w));
        let editable: Vec<Wanted> = editable.map(|w| Wanted { editable: true, ..w }).collect();
        if installer.ecosystem == "python" {
            wanted.extend(editable);
        }
        self.of_options(installer, &mut wanted);
        let lists = self.values(&["-r", "--requirement", "--file"]).map(|list| join(&self.at.cwd, list)).collect();
        let (kind, folder) = (installer.place)(&self);
        Some(Act { installer, takes, wanted, lists, kind, folder })
    }

    /// What options say of everything named.
    fn of_options(&self, installer: &Installer, wanted: &mut Vec<Wanted>) {
        let value = |names: &[&str]| self.values(names).next().map(str::to_owned);
        let origin = match installer.ecosystem {
            "cargo" | "python" => value(&["--git", "--path"]),
            _ => None,
        };
        let version = match installer.ecosystem {
            "cargo" => value(&["--version", "--vers"]).filter(|v| v.split('.').count() > 2).map(|v| v.trim_start_matches('=').to_owned()),
            "gem" => value(&["-v", "--version"]),
            _ => None,
        };
        let version = version.filter(|v| v.starts_with(|c: char| c.is_ascii_digit()));
        if origin.is_some() && wanted.is_empty() {
            wanted.push(Wanted::default());
        }
        for one in wanted {
            one.origin = one.origin.take().or_else(|| origin.clone());
            if let Some(version) = &version {
                one.version.clone_from(version);
            }
        }
    }

    fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|(name, _)| names.contains(&name.as_str()))
    }

    fn values<'s>(&'s self, names: &'s [&str]) -> impl Iterator<Item = &'s str> {
        self.options.iter().filter(|(name, value)| names.contains(&name.as_str()) && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// A folder below the working folder; empty: that itself.
    pub fn within(&self, folder: &str) -> String {
        join(&self.at.cwd, folder)
    }

    fn folder_option(&self, names: &[&str]) -> Option<String> {
        self.values(names).next().map(|folder| self.within(folder))
    }

    /// Where pip puts packages.
    pub fn of_pip(&self) -> (&'static str, String) {
        if let Some(folder) = self.folder_option(&["-t", "--target"]) {
            return ("site-packages", folder);
        }
        let venv = self.prefix.as_ref().map(|p| self.within(p)).or_else(|| self.at.venv.clone());
        match (venv, &self.at.conda) {
            (Some(venv), _) => ("venv", venv),
            (None, Some(name)) => ("conda", name.clone()),
            (None, None) => ("site-packages", String::new()),
        }
    }

    /// Where uv puts packages: `.venv` where nothing else is said.
    pub fn of_uv(&self) -> (&'static str, String) {
        if self.has(&["--system"]) {
            return ("site-packages", String::new());
        }
        if let Some(folder) = self.folder_option(&["-t", "--target"]) {
            return ("site-packages", folder);
        }
        let python = self.values(&["-p", "--python"]).filter(|p| p.contains('/')).map(|p| {
            let p = p.rsplit_once("/bin/").map_or(p, |(venv, _)| venv);
            self.within(p)
        });
        let project = self.values(&["--directory", "--project"]).next().map(|p| self.within(&format!("{p}/.venv")));
        ("venv", python.last().or(project).or_else(|| self.at.venv.clone()).unwrap_or_else(|| self.within(".venv")))
    }

    /// Where tools that keep one environment for a project put packages.
    pub fn of_project(&self) -> (&'static str, String) {
        ("venv", self.folder_option(&["-C", "--directory"]).map_or_else(|| self.within(".venv"), |p| join(&p, ".venv")))
    }

    /// Where npm and its like put packages.
    pub fn of_npm(&self) -> (&'static str, String) {
        if self.has(&["-g", "--global"]) || self.options.iter().any(|(name, value)| name == "--location" && value == "global") {
            return ("npm-global", String::new());
        }
        ("node_modules", self.folder_option(&["--prefix", "-C", "--dir", "--cwd"]).unwrap_or_else(|| self.within("")))
    }

    /// Where cargo puts programs.
    pub fn of_cargo(&self) -> (&'static str, String) {
        ("cargo-install", self.folder_option(&["--root"]).unwrap_or_default())
    }

    /// The environment of conda, by name or folder.
    pub fn of_conda(&self) -> (&'static str, String) {
        let named = self.values(&["-n", "--name"]).next().map(str::to_owned);
        let folder = self.folder_option(&["-p", "--prefix"]);
        ("conda", named.or(folder).or_else(|| self.at.conda.clone()).unwrap_or_default())
    }
}

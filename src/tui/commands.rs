//! One table of commands: keys, footer, help and palette all come from it.

use super::app::{App, Screen};
use super::confirm::in_vault;
use super::marks;
use crate::model::SessionIx;
use crate::tending::{self, Verb};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a command does; its name in the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Id {
    Up,
    Down,
    Left,
    Right,
    Open,
    PageUp,
    PageDown,
    HalfUp,
    HalfDown,
    First,
    Last,
    Mark,
    Safe,
    Unmark,
    Marks,
    Clean,
    Rescue,
    Undo,
    Purge,
    Export,
    Flush,
    Backup,
    Archive,
    Prune,
    Reclaim,
    Vacuum,
    Pack,
    Due,
    Machine,
    Brief,
    Seek,
    Find,
    Regroup,
    Sort,
    Pane,
    Cancel,
    Rescan,
    Errors,
    History,
    Help,
    Palette,
    Quit,
    Escape,
    Interrupt,
    Suspend,
    Repaint,
    Yes,
    Write,
    ToggleBackup,
    Unfold,
    Fold,
    Back,
    Read,
    NextTurn,
    PreviousTurn,
    NextHeading,
    PreviousHeading,
    Toggle,
    ToggleAll,
    NextHit,
    PreviousHit,
    Copy,
    About,
}

/// Where a command's keys count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Everywhere.
    Any,
    /// The tree and its detail.
    Main,
    /// The plan.
    Plan,
    /// Emptying the vault.
    Purge,
    /// A deed that destroys nothing.
    Ask,
    /// History, errors, help.
    List,
    /// A conversation.
    Reader,
}

/// A key as the table writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chord {
    /// A character.
    C(char),
    /// A named key.
    K(KeyCode),
    /// A character with Ctrl.
    Ctrl(char),
}

/// One line of the table.
#[derive(Debug)]
pub struct Command {
    /// What it does.
    pub id: Id,
    /// Where its keys count.
    pub place: Place,
    /// Its keys.
    pub keys: &'static [Chord],
    /// Its keys as people read them.
    pub shown: &'static str,
    /// Its name, for footer and palette.
    pub title: &'static str,
    /// What it does, for help.
    pub help: &'static str,
    /// Its rank in the footer, the lowest first; 0 is not in it.
    pub footer: u8,
    /// Whether it changes anything outside the interface.
    pub acting: bool,
}

use Chord::{C, Ctrl, K};
use Place::{Any, Ask, List, Main, Plan, Purge, Reader};

const fn look(
    id: Id,
    place: Place,
    keys: &'static [Chord],
    shown: &'static str,
    title: &'static str,
    help: &'static str,
    footer: u8,
) -> Command {
    Command { id, place, keys, shown, title, help, footer, acting: false }
}

const fn act(
    id: Id,
    place: Place,
    keys: &'static [Chord],
    shown: &'static str,
    title: &'static str,
    help: &'static str,
    footer: u8,
) -> Command {
    Command { id, place, keys, shown, title, help, footer, acting: true }
}

/// Every command.
#[rustfmt::skip]
pub const TABLE: &[Command] = &[
    act(Id::Mark, Main, &[C(' ')], "Space", "mark", "mark or unmark the row", 1),
    act(Id::Safe, Main, &[C('a')], "a", "mark safe", "mark what is rebuildable or flushed below the row; never live, protected or unchecked things", 8),
    act(Id::Unmark, Main, &[C('-')], "-", "unmark all", "take all marks away", 0),
    look(Id::Marks, Main, &[C('m')], "m", "marks", "list what is marked, the largest first, and take marks away there", 0),
    act(Id::Clean, Main, &[C('c')], "c", "clean…", "open the plan for what is marked, or for the row; nothing happens before you say so there", 2),
    act(Id::Rescue, Main, &[C('F')], "F", "flush, clean…", "open a plan in three columns: copied to your documents first, then removed, kept; nothing happens before you say so there", 3),
    act(Id::Flush, Main, &[C('f')], "f", "flush", "copy a session's at-risk files to its folder in Documents", 5),
    act(Id::Export, Main, &[C('e')], "e", "export", "write a session's transcript and outputs to its folder in Documents", 6),
    act(Id::Backup, Main, &[C('b')], "b", "backup", "one archive of all that is not rebuildable, read back before it is trusted", 4),
    act(Id::Archive, Main, &[C('A')], "A", "archive", "put sessions away in their own tool, or bring archived ones back; nothing is removed", 16),
    act(Id::Undo, Main, &[C('u')], "u", "undo", "put the last cleaned things back where they were", 3),
    act(Id::Purge, Main, &[C('P')], "P", "empty the vault…", "remove cleaned things for good; only then the space comes back", 9),
    look(Id::Read, Main, &[C('t')], "t", "read", "read a session's conversation here; Enter on its transcript does the same", 8),
    look(Id::Brief, Main, &[C('B')], "B", "brief", "a short page to begin the next session with, each line with the record it stands in; y copies it", 17),
    look(Id::Seek, Main, &[C('S')], "S", "search", "find what was said in any session of any tool, while it is typed; Enter reads the place", 10),
    look(Id::Find, Main, &[C('/')], "/", "find", "narrow the tree to names that match, or with ! before them to those that do not; Enter keeps it, Esc ends it", 7),
    look(Id::Up, Main, &[C('k'), K(KeyCode::Up)], "↑ k", "up", "move up", 0),
    look(Id::Down, Main, &[C('j'), K(KeyCode::Down)], "↓ j", "down", "move down", 0),
    look(Id::Right, Main, &[C('l'), K(KeyCode::Right)], "→ l", "open", "open the row, or go into it", 0),
    look(Id::Left, Main, &[C('h'), K(KeyCode::Left)], "← h", "close", "close the row, or go to the one above it", 0),
    look(Id::Open, Main, &[K(KeyCode::Enter)], "Enter", "open or close", "open or close the row; of a file, show its detail", 0),
    look(Id::PageDown, Main, &[K(KeyCode::PageDown)], "PgDn", "page down", "a screen down", 0),
    look(Id::PageUp, Main, &[K(KeyCode::PageUp)], "PgUp", "page up", "a screen up", 0),
    look(Id::HalfDown, Main, &[Ctrl('d')], "Ctrl-d", "half page down", "half a screen down", 0),
    look(Id::HalfUp, Main, &[Ctrl('u')], "Ctrl-u", "half page up", "half a screen up", 0),
    look(Id::First, Main, &[C('g'), K(KeyCode::Home)], "Home g", "first", "to the first row", 0),
    look(Id::Last, Main, &[C('G'), K(KeyCode::End)], "End G", "last", "to the last row", 0),
    look(Id::Pane, Main, &[K(KeyCode::Tab)], "Tab", "other pane", "between the tree and the detail, which then scrolls", 11),
    look(Id::Regroup, Main, &[C('v')], "v", "regroup", "by class first, by tool and session first, or sessions alone with their ages and deadlines", 12),
    look(Id::Sort, Main, &[C('s')], "s", "sort", "by size, age, class, name, number of files, deadline", 13),
    look(Id::Cancel, Main, &[C('x')], "x", "cancel", "stop the scan or the work that runs; what was found or done is kept", 10),
    look(Id::Rescan, Main, &[C('r')], "r", "rescan", "look again, keeping cursor and marks", 0),
    look(Id::Errors, Main, &[C('E')], "E", "errors", "what could not be read or done, and why", 0),
    look(Id::History, Main, &[C('H')], "H", "history", "every operation so far", 0),
    look(Id::Palette, Main, &[C(':')], ":", "commands", "every command by name", 14),
    look(Id::Help, Main, &[C('?')], "?", "help", "this page", 255),
    look(Id::Quit, Main, &[C('q')], "q", "quit", "leave", 15),
    look(Id::Escape, Main, &[K(KeyCode::Esc)], "Esc", "back", "end the filter, leave the detail", 0),
    act(Id::Prune, Main, &[C('D')], "D", "delete sessions…", "open a plan that takes whole sessions from their tool (opencode, Codex, Gemini); nothing happens before you say so there", 17),
    act(Id::Reclaim, Main, &[C('R')], "R", "reclaim…", "open a plan that takes from opencode's databases what no conversation needs; of the marked sessions, else of all", 18),
    act(Id::Vacuum, Main, &[C('V')], "V", "vacuum…", "open a plan that packs opencode's databases, so that their free pages are free space; of the marked sessions, else all", 19),
    act(Id::Machine, Main, &[C('M')], "M", "machine's pieces…", "open a plan that moves what the app's virtual machine gets again by itself (its system disk, downloads); never its sessions", 21),
    act(Id::Pack, Main, &[C('p')], "p", "pack…", "open a plan that keeps old conversations packed, several times smaller", 20),
    act(Id::Due, Main, &[C('d')], "d", "mark due", "mark the sessions that their tool removes within 7 days; then e exports them, b backs up", 16),
    look(Id::Interrupt, Any, &[Ctrl('c')], "Ctrl-c", "stop or leave", "stop the work that runs; else leave", 0),
    look(Id::Suspend, Any, &[Ctrl('z')], "Ctrl-z", "suspend", "give the terminal back to the shell until `fg`", 0),
    look(Id::Repaint, Any, &[Ctrl('l')], "Ctrl-l", "repaint", "draw everything again", 0),
    look(Id::Back, Plan, &[K(KeyCode::Enter), K(KeyCode::Esc), C('q'), C('n')], "Enter n", "No, go back", "back to the tree; nothing has happened", 1),
    look(Id::Unfold, Plan, &[C(' '), C('l'), K(KeyCode::Right)], "Space", "list", "list the exact paths of the line", 5),
    look(Id::Fold, Plan, &[C('h'), K(KeyCode::Left)], "h", "fold", "fold the paths of the line", 0),
    look(Id::ToggleBackup, Plan, &[C('b')], "b", "backup first", "make a verified backup before anything moves", 4),
    look(Id::Write, Plan, &[C('w')], "w", "write to a file", "write the plan to a JSON file", 3),
    act(Id::Yes, Plan, &[C('Y')], "Y", "carry it out", "move what the plan lists into the vault", 2),
    look(Id::Up, Plan, &[C('k'), K(KeyCode::Up)], "↑ k", "up", "move up", 0),
    look(Id::Down, Plan, &[C('j'), K(KeyCode::Down)], "↓ j", "down", "move down", 0),
    look(Id::PageDown, Plan, &[K(KeyCode::PageDown)], "PgDn", "page down", "a screen down", 0),
    look(Id::PageUp, Plan, &[K(KeyCode::PageUp)], "PgUp", "page up", "a screen up", 0),
    look(Id::Back, Purge, &[K(KeyCode::Enter), K(KeyCode::Esc), C('q'), C('n')], "Enter n", "No, go back", "back to the tree; nothing has happened", 1),
    act(Id::Yes, Purge, &[C('Y')], "Y", "remove for good", "remove everything in the vault for good", 2),
    act(Id::Yes, Ask, &[K(KeyCode::Enter), C('y'), C('Y')], "Enter", "do it", "begin", 1),
    look(Id::Back, Ask, &[K(KeyCode::Esc), C('q'), C('n')], "Esc", "go back", "back to the tree; nothing has happened", 2),
    look(Id::Back, List, &[K(KeyCode::Esc), K(KeyCode::Enter), C('q'), C('?'), C('E'), C('H'), C('m'), C('B')], "Esc", "close", "back to the tree", 1),
    look(Id::Copy, List, &[C('y')], "y", "copy", "copy the page", 2),
    look(Id::Find, List, &[C('/')], "/", "find", "narrow the help to what is typed", 2),
    look(Id::Write, List, &[C('w')], "w", "write to a file", "write every path and reason to a text file", 2),
    act(Id::Unmark, List, &[C('-'), K(KeyCode::Delete)], "-", "unmark this one", "take the mark under the cursor away", 2),
    act(Id::Undo, List, &[C('u')], "u", "undo this one", "put the operation under the cursor back", 2),
    look(Id::Up, List, &[C('k'), K(KeyCode::Up)], "↑ k", "up", "move up", 0),
    look(Id::Down, List, &[C('j'), K(KeyCode::Down)], "↓ j", "down", "move down", 0),
    look(Id::PageDown, List, &[K(KeyCode::PageDown), C(' ')], "PgDn", "page down", "a screen down", 0),
    look(Id::PageUp, List, &[K(KeyCode::PageUp)], "PgUp", "page up", "a screen up", 0),
    look(Id::First, List, &[C('g'), K(KeyCode::Home)], "Home g", "first", "to the first row", 0),
    look(Id::Last, List, &[C('G'), K(KeyCode::End)], "End G", "last", "to the last row", 0),
    look(Id::Back, Reader, &[C('q'), K(KeyCode::Esc)], "q", "back", "end the search; else back to where you were", 2),
    look(Id::Toggle, Reader, &[K(KeyCode::Enter), C('o')], "Enter", "unfold", "unfold or fold what the cursor is on: a tool, thinking, a sub-agent", 1),
    look(Id::ToggleAll, Reader, &[C('O')], "O", "unfold all", "unfold everything, or fold it again", 6),
    look(Id::NextTurn, Reader, &[C(']'), K(KeyCode::Tab)], "] [", "prompts", "to the next thing you said, or the one before; Tab as well", 3),
    look(Id::PreviousTurn, Reader, &[C('['), K(KeyCode::BackTab)], "[", "prompt before", "to the thing you said before", 0),
    look(Id::NextHeading, Reader, &[C('}')], "}", "next turn", "to the next turn, whoever speaks", 0),
    look(Id::PreviousHeading, Reader, &[C('{')], "{", "turn before", "to the turn before, whoever speaks", 0),
    look(Id::Find, Reader, &[C('/')], "/", "search", "search all of the conversation; a capital letter makes capitals count", 2),
    look(Id::NextHit, Reader, &[C('n')], "n", "next found", "to the next place that was found", 0),
    look(Id::PreviousHit, Reader, &[C('N')], "N", "found before", "to the place found before", 0),
    look(Id::Copy, Reader, &[C('y')], "y", "copy", "copy the code or the tool call under the cursor, else the whole turn", 5),
    look(Id::About, Reader, &[C('i')], "i", "about", "what is known of the conversation, and what is missing from it", 7),
    act(Id::Export, Reader, &[C('e')], "e", "export", "write the transcript and outputs to the session's folder in Documents", 8),
    look(Id::Cancel, Reader, &[C('x')], "x", "cancel", "stop the work that runs", 0),
    look(Id::Up, Reader, &[C('k'), K(KeyCode::Up)], "↑ k", "up", "a line up", 0),
    look(Id::Down, Reader, &[C('j'), K(KeyCode::Down)], "↓ j", "down", "a line down", 0),
    look(Id::Right, Reader, &[C('l'), K(KeyCode::Right)], "→ l", "unfold", "unfold what the cursor is on", 0),
    look(Id::Left, Reader, &[C('h'), K(KeyCode::Left)], "← h", "fold", "fold what the cursor is in", 0),
    look(Id::PageDown, Reader, &[K(KeyCode::PageDown), C(' '), Ctrl('f')], "PgDn", "page down", "a screen down", 0),
    look(Id::PageUp, Reader, &[K(KeyCode::PageUp), Ctrl('b')], "PgUp", "page up", "a screen up", 0),
    look(Id::HalfDown, Reader, &[Ctrl('d')], "Ctrl-d", "half page down", "half a screen down", 0),
    look(Id::HalfUp, Reader, &[Ctrl('u')], "Ctrl-u", "half page up", "half a screen up", 0),
    look(Id::First, Reader, &[C('g'), K(KeyCode::Home)], "Home g", "first", "to the beginning", 0),
    look(Id::Last, Reader, &[C('G'), K(KeyCode::End)], "End G", "last", "to the end", 0),
    look(Id::Palette, Reader, &[C(':')], ":", "commands", "every command by name", 9),
    look(Id::Help, Reader, &[C('?')], "?", "help", "the keys", 255),
];

/// Where the keys count now.
pub fn place(app: &App) -> Place {
    match app.screen {
        Screen::Reader => Reader,
        Screen::Seek => List,
        Screen::Palette(..) if app.reading.is_some() => Reader,
        Screen::Main | Screen::Palette(..) => Main,
        Screen::Plan(_) | Screen::Three(_) | Screen::Tend(_) => Plan,
        Screen::Purge(_) => Purge,
        Screen::Ask(_) => Ask,
        Screen::History(_) | Screen::Errors(_) | Screen::Marks(_) | Screen::Help(..) | Screen::About(_) | Screen::Page(_) => List,
    }
}

/// The commands of a place; those that act are gone where nothing may be changed.
pub fn commands(app: &App, place: Place) -> impl Iterator<Item = &'static Command> + use<> {
    let read_only = app.options.read_only;
    // What only one of the lists knows.
    let own = match app.screen {
        Screen::History(_) => Some(Id::Undo),
        Screen::Errors(_) => Some(Id::Write),
        Screen::Marks(_) => Some(Id::Unmark),
        Screen::Help(..) => Some(Id::Find),
        Screen::Page(_) => Some(Id::Copy),
        _ => None,
    };
    let lacks: &[Id] = match app.screen {
        // What is only here is copied first there: that is backup enough.
        Screen::Three(_) => &[Id::ToggleBackup],
        Screen::Tend(_) => &[Id::ToggleBackup, Id::Unfold, Id::Fold, Id::Write],
        _ => &[],
    };
    TABLE
        .iter()
        .filter(move |c| c.place == place || c.place == Any)
        .filter(move |c| !(read_only && c.acting))
        .filter(move |c| !lacks.contains(&c.id))
        .filter(move |c| c.place != List || !matches!(c.id, Id::Undo | Id::Write | Id::Unmark | Id::Find | Id::Copy) || own == Some(c.id))
}

/// The command a key stands for here.
pub fn command_of(app: &App, key: KeyEvent) -> Option<&'static Command> {
    commands(app, place(app)).find(|c| c.keys.iter().any(|chord| means(*chord, key)))
}

fn means(chord: Chord, key: KeyEvent) -> bool {
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    match chord {
        C(c) => !ctrl && !alt && key.code == KeyCode::Char(c),
        K(code) => !ctrl && !alt && key.code == code,
        Ctrl(c) => ctrl && !alt && key.code == KeyCode::Char(c),
    }
}

/// Whether a command can be used now; `Err` says why not.
pub fn available(app: &App, command: &Command) -> Result<(), String> {
    let queued = command.id == Id::Undo && app.moving();
    if command.acting && app.work.is_some() && command.place != Ask && !queued {
        return Err("wait for the work, or stop it with x".into());
    }
    match command.id {
        Id::Clean | Id::Rescue | Id::Flush | Id::Export | Id::Archive | Id::Backup | Id::Safe | Id::Due
            if !app.settled() || app.rescanning =>
        {
            Err("wait for the scan, or stop it with x".into())
        }
        Id::Clean | Id::Rescue | Id::Mark | Id::Safe if app.current().is_none() => Err("nothing was found to choose from".into()),
        Id::Machine if !app.settled() || app.rescanning => Err("wait for the scan, or stop it with x".into()),
        id if verb(id).is_some() && (!app.settled() || app.rescanning) => Err("wait for the scan, or stop it with x".into()),
        id if app.planning && (verb(id).is_some() || matches!(id, Id::Clean | Id::Rescue)) => Err("a plan is being made".into()),
        id if verb(id).is_some_and(|verb| tended(app, verb).is_empty()) => Err(match id {
            Id::Prune => "choose sessions of a tool that can delete one (opencode, Codex, Gemini)".into(),
            Id::Pack => "choose sessions whose conversation is a file (not those of opencode)".into(),
            _ if app.marks.is_empty() => "there are no sessions of opencode".into(),
            _ => "mark sessions of opencode".into(),
        }),
        Id::Due if due(app).is_empty() => Err("no tool removes a session within 7 days".into()),
        Id::Backup if app.catalog.is_empty() => Err("there is nothing to back up".into()),
        Id::Read if read_session(app).is_none() => Err("choose a session, or something in one".into()),
        Id::NextHit | Id::PreviousHit if app.reading.as_ref().is_none_or(|r| r.search.is_none()) => Err("search first, with /".into()),
        Id::Export if command.place == Reader && exported(app).is_none() => Err("the session is not in the list any more".into()),
        Id::Export if command.place == Reader => Ok(()),
        Id::Brief if !app.settled() => Err("wait for the scan, or stop it with x".into()),
        Id::Flush | Id::Export | Id::Brief if sessions(app).is_empty() => Err("choose a session, or something in one".into()),
        Id::Archive if archivable(app).is_empty() => Err("choose sessions of a tool that archives (opencode, Codex)".into()),
        Id::Unmark | Id::Marks if app.marks.is_empty() => Err("nothing is marked".into()),
        // Undo looks into the journal itself: right after a deed it need not wait until the journal was read again.
        Id::Undo if !app.history_due && !app.moving() && !app.history.iter().any(in_vault) => Err("nothing to undo".into()),
        Id::Purge if app.history_due => Err("the journal is being read".into()),
        Id::Purge if !app.history.iter().any(in_vault) => Err("the vault is empty".into()),
        Id::Cancel if app.work.is_none() && app.settled() && !app.rescanning => Err("nothing is running".into()),
        Id::Rescan if !app.settled() || app.rescanning => Err("a scan is running".into()),
        Id::Rescan if app.work.is_some() => Err("wait for the work, or stop it with x".into()),
        _ => Ok(()),
    }
}

/// The chosen sessions that their tools can archive.
pub fn archivable(app: &App) -> Vec<SessionIx> {
    let can = |s: &SessionIx| {
        let store = app.catalog.session(*s).store.map(|s| app.catalog.store(s).name);
        crate::lifecycle::KEEPERS.iter().any(|k| Some(k.tool().name()) == store)
    };
    sessions(app).into_iter().filter(can).collect()
}

/// What a command does to sessions, where it is one of those.
pub fn verb(id: Id) -> Option<Verb> {
    match id {
        Id::Prune => Some(Verb::Prune),
        Id::Reclaim => Some(Verb::Reclaim),
        Id::Vacuum => Some(Verb::Vacuum),
        Id::Pack => Some(Verb::Pack),
        _ => None,
    }
}

/// The chosen sessions this can be done to; those that cannot are told in the plan, where some can. What is done to whole
/// databases is done to all of them where nothing is marked.
pub fn tended(app: &App, verb: Verb) -> Vec<SessionIx> {
    let can = |s: &SessionIx| tending::can(&app.catalog, verb, *s);
    if matches!(verb, Verb::Reclaim | Verb::Vacuum) && app.marks.is_empty() {
        return (0..app.catalog.sessions.len()).map(SessionIx::at).filter(can).collect();
    }
    let chosen = sessions(app);
    if chosen.iter().any(can) { chosen } else { Vec::new() }
}

/// The sessions that their tools remove within a week.
pub fn due(app: &App) -> Vec<SessionIx> {
    let soon = |s: &crate::model::Session| s.deadline.is_some_and(|at| super::view::life::is_soon(app.now, at));
    (0..app.catalog.sessions.len()).map(SessionIx::at).filter(|s| soon(app.catalog.session(*s))).collect()
}

/// The session whose conversation is read from here: that of the row.
pub fn read_session(app: &App) -> Option<SessionIx> {
    marks::sessions(app.current().into_iter(), &app.catalog).first().copied()
}

/// The session whose conversation is read, as the last scan found it.
pub fn exported(app: &App) -> Option<SessionIx> {
    let of = &app.reading.as_ref()?.session;
    let at = app.catalog.sessions.iter().position(|s| s.id == of.id && s.dir == of.dir)?;
    Some(SessionIx::at(at))
}

/// The sessions a deed is about: of the marks, else of the row.
pub fn sessions(app: &App) -> Vec<SessionIx> {
    if app.marks.is_empty() {
        marks::sessions(app.current().into_iter(), &app.catalog)
    } else {
        marks::sessions(app.marks.keys(), &app.catalog)
    }
}

//! The programs of e2fsprogs: `e2fsck` is the judge, `debugfs` the hand.

use crate::error::{Error, Kind, Result};
use crate::world::World;
use std::ffi::OsStr;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where they are where no path leads: most systems keep them for the superuser, Homebrew in a folder of its own.
const PLACES: [&str; 7] = [
    "/usr/sbin",
    "/sbin",
    "/usr/local/sbin",
    "/opt/homebrew/opt/e2fsprogs/sbin",
    "/usr/local/opt/e2fsprogs/sbin",
    "/opt/local/sbin",
    "/home/linuxbrew/.linuxbrew/opt/e2fsprogs/sbin",
];

/// The programs, found.
#[derive(Debug, Clone)]
pub struct Tools {
    e2fsck: PathBuf,
    debugfs: PathBuf,
}

/// How a program ended.
struct Ran {
    /// Its code; `None` where a signal ended it.
    code: Option<i32>,
    /// What it said.
    said: String,
}

impl Tools {
    /// Finds both; refused where one is not installed.
    pub fn find(world: &World) -> Result<Self> {
        if cfg!(windows) {
            return Err(Error::refused("files inside a disk image are not removed on Windows: there is no `e2fsck` to judge by, and \
                 Hyper-V no longer starts an image that was made sparse")
                .hint("save what you need (`lifeboat flush`, `lifeboat backup`), and have the session free its own folder: `lifeboat plan SESSION --script FILE`"));
        }
        let path = world.var("PATH").map(OsStr::to_owned).unwrap_or_default();
        let on_path = std::env::split_paths(&path).filter(|dir| dir.is_absolute());
        let places: Vec<PathBuf> = on_path.chain(PLACES.iter().map(PathBuf::from)).collect();
        let find = |name: &str| {
            let all = places.iter().map(|dir| dir.join(name));
            all.into_iter().find(|program| program.is_file()).ok_or_else(|| {
                let how = if cfg!(target_os = "macos") { "`brew install e2fsprogs` installs it" } else { "the package is e2fsprogs" };
                Error::refused(format!("`{name}` is not installed, and without it nothing inside a disk image is removed")).hint(how)
            })
        };
        Ok(Self { e2fsck: find("e2fsck")?, debugfs: find("debugfs")? })
    }

    /// Replays the journal, and has what is half done ended: only what is safe without asking anybody.
    pub fn settle(&self, image: &Path) -> Result<()> {
        let ran = run(&self.e2fsck, &["-f".as_ref(), "-p".as_ref(), image.as_os_str()])?;
        match ran.code {
            Some(0 | 1) => Ok(()),
            code => Err(doubt("`e2fsck -p` would not settle the file system", code, &ran.said)),
        }
    }

    /// Whether the file system is without fault; nothing is written.
    pub fn judge(&self, image: &Path) -> Result<()> {
        let ran = run(&self.e2fsck, &["-f".as_ref(), "-n".as_ref(), image.as_os_str()])?;
        match ran.code {
            Some(0) => Ok(()),
            code => Err(doubt("`e2fsck` finds fault with the file system", code, &ran.said)),
        }
    }

    /// Has `debugfs` carry out commands.
    pub fn edit(&self, image: &Path, commands: &[u8]) -> Result<()> {
        let failed = |e| Error::new(Kind::System, "cannot write commands for `debugfs`").because(io::Error::other(e));
        let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
        io::Write::write_all(&mut file, commands).map_err(failed)?;
        let ran = run(&self.debugfs, &["-w".as_ref(), "-f".as_ref(), file.path().as_os_str(), image.as_os_str()])?;
        match ran.code {
            // It says so on no account where a command fails; that shows afterwards.
            Some(0) => Ok(()),
            code => Err(doubt("`debugfs` did not carry out its commands", code, &ran.said)),
        }
    }
}

fn doubt(what: &str, code: Option<i32>, said: &str) -> Error {
    let code = code.map_or("a signal ended it".to_owned(), |code| format!("code {code}"));
    let said: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("Pass ")).take(3).collect();
    let said = crate::model::shown_name(said.join("; ").chars().take(300).collect::<String>().as_ref());
    Error::new(Kind::System, format!("{what} ({code}: {said})"))
}

fn run(program: &Path, words: &[&OsStr]) -> Result<Ran> {
    let failed = |e: io::Error| Error::io("cannot run", program, e);
    let mut heard = tempfile::tempfile().map_err(failed)?;
    let (out, err) = (heard.try_clone().map_err(failed)?, heard.try_clone().map_err(failed)?);
    let mut command = Command::new(program);
    command.args(words).env_clear().env("LC_ALL", "C").env("E2FSCK_CONFIG", "/dev/null").env("DEBUGFS_PAGER", "__none__");
    // Ctrl-C is for us: what is begun is ended, and then it stops.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let status = command.stdin(Stdio::null()).stdout(out).stderr(err).status().map_err(failed)?;
    let mut text = Vec::new();
    heard.rewind().and_then(|()| heard.take(64 << 10).read_to_end(&mut text)).map_err(failed)?;
    Ok(Ran { code: status.code(), said: String::from_utf8_lossy(&text).into_owned() })
}

//! Windows: a task of the Task Scheduler.

use super::{Command, Job, Starter, command, xml};
use crate::world::World;
use std::path::{Path, PathBuf};

const NAME: &str = "lifeboat-watch";

/// The Task Scheduler.
pub struct Tasks;

impl Starter for Tasks {
    fn name(&self) -> &'static str {
        "task of the Task Scheduler"
    }

    /// The scheduler keeps a copy of its own; this one tells what it was given.
    fn file(&self, world: &World) -> PathBuf {
        world.state_dir.join("lifeboat-watch.xml")
    }

    fn text(&self, job: &Job) -> String {
        // A task has no variables of its own.
        let words: Vec<String> = job.words.iter().map(|w| if w.contains([' ', '"']) { quoted(w) } else { w.clone() }).collect();
        let user = job.user.as_ref().map_or(String::new(), |user| format!("      <UserId>{}</UserId>\n", xml(user)));
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n\
             <Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\n  <RegistrationInfo>\n\
             \x20   <Description>lifeboat: keeps what AI agents' sessions made</Description>\n  </RegistrationInfo>\n  <Triggers>\n\
             \x20   <LogonTrigger>\n      <Enabled>true</Enabled>\n{user}    </LogonTrigger>\n  </Triggers>\n  <Principals>\n\
             \x20   <Principal id=\"Author\">\n{user}      <LogonType>InteractiveToken</LogonType>\n\
             \x20     <RunLevel>LeastPrivilege</RunLevel>\n    </Principal>\n  </Principals>\n  <Settings>\n\
             \x20   <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>\n\
             \x20   <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>\n\
             \x20   <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>\n    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>\n\
             \x20   <Priority>7</Priority>\n  </Settings>\n  <Actions Context=\"Author\">\n    <Exec>\n      <Command>{}</Command>\n\
             \x20     <Arguments>{}</Arguments>\n    </Exec>\n  </Actions>\n</Task>\n",
            xml(&quoted(&job.program.to_string_lossy())),
            xml(&words.join(" ")),
        )
    }

    fn bytes(&self, text: &str) -> Vec<u8> {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    }

    fn start(&self, file: &Path) -> Vec<Command> {
        vec![
            command(&["schtasks", "/Create", "/TN", NAME, "/XML", &file.to_string_lossy(), "/F"]),
            command(&["schtasks", "/Run", "/TN", NAME]),
        ]
    }

    fn stop(&self, _: &Path) -> Vec<Command> {
        vec![command(&["schtasks", "/End", "/TN", NAME]), command(&["schtasks", "/Delete", "/TN", NAME, "/F"])]
    }
}

/// A word as a command line of Windows has it.
fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\\\""))
}

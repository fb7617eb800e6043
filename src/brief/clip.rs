//! Puts a text on the clipboard: by a program of this machine, or through the terminal, which works over SSH as well.

use crate::platform::Os;
use crate::world::World;
use base64::Engine;

/// Runs a program with words and with text on its standard input; gives whether it succeeded.
pub type Run<'r> = &'r mut dyn FnMut(&str, &[&str], &[u8]) -> bool;

/// How the text went onto the clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// By this program.
    Program(&'static str),
    /// By writing this to the terminal, which may or may not take it (OSC 52).
    Terminal(String),
}

/// Puts a text on the clipboard. Over SSH the programs of this machine would reach the wrong one.
pub fn clip(world: &World, text: &str, run: Run<'_>) -> Way {
    let is_set = |key: &str| world.var(key).is_some();
    let far = is_set("SSH_CONNECTION") || is_set("SSH_TTY") || is_set("SSH_CLIENT");
    let all: &[(&'static str, &[&str], bool)] = &[
        ("pbcopy", &[], world.os == Os::Mac),
        ("clip", &[], world.os == Os::Windows),
        ("wl-copy", &[], world.os == Os::Linux && is_set("WAYLAND_DISPLAY")),
        ("xclip", &["-selection", "clipboard"], world.os == Os::Linux && is_set("DISPLAY")),
        ("xsel", &["--clipboard", "--input"], world.os == Os::Linux && is_set("DISPLAY")),
    ];
    for (program, words, fits) in all.iter().filter(|_| !far) {
        // The Windows one takes UTF-16 by its mark, and anything else in the code page of the day.
        let wide = || std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let bytes: Vec<u8> = if *program == "clip" { wide() } else { text.as_bytes().to_vec() };
        if *fits && run(program, words, &bytes) {
            return Way::Program(program);
        }
    }
    Way::Terminal(format!("\x1b]52;c;{}\x07", base64::engine::general_purpose::STANDARD.encode(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(os: Os, vars: &[&str], works: &str) -> (Way, Vec<String>) {
        let env = vars.iter().map(|v| ((*v).into(), "x".into())).collect();
        let mut world = World::at(std::path::Path::new("/home/u"), env);
        world.os = os;
        let mut ran = Vec::new();
        let way = clip(&world, "é", &mut |program, words, bytes| {
            ran.push(format!("{program} {} {bytes:?}", words.join(" ")));
            program == works
        });
        (way, ran)
    }

    #[test]
    fn the_program_of_the_screen_is_tried_first_and_else_the_terminal_is_asked() {
        let terminal = Way::Terminal("\x1b]52;c;w6k=\x07".into());
        assert_eq!(ways(Os::Linux, &["WAYLAND_DISPLAY", "DISPLAY"], "xclip").0, Way::Program("xclip"));
        assert_eq!(ways(Os::Linux, &["WAYLAND_DISPLAY", "DISPLAY"], "wl-copy").1, ["wl-copy  [195, 169]"]);
        assert_eq!(ways(Os::Linux, &[], "xclip"), (terminal.clone(), vec![]));
        assert_eq!(ways(Os::Linux, &["DISPLAY"], "none").0, terminal);
        assert_eq!(ways(Os::Mac, &[], "pbcopy").0, Way::Program("pbcopy"));
        assert_eq!(ways(Os::Windows, &[], "clip").1, ["clip  [255, 254, 233, 0]"]);
        assert_eq!(ways(Os::Mac, &["SSH_CONNECTION"], "pbcopy"), (terminal, vec![]));
    }
}

//! The instructions of each Python, as its own `opcode` module names them.

/// A Python whose bytecode is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Python {
    /// The second part of its version.
    pub minor: u8,
    /// By opcode, a letter for what its argument is, see [`Argument`]; empty where they are not known.
    arguments: &'static [u8],
    /// By opcode, how many empty words follow it, counted from the sign `0` on.
    empty: &'static [u8],
}

/// What an instruction's argument is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    /// There is none.
    None,
    /// A number of whatever meaning.
    Any,
    /// More of the next instruction's.
    Prefix,
    /// The place of a constant.
    Constant,
    /// The place of a name, times this.
    Name(usize),
    /// The place of a variable.
    Local,
    /// The places of two variables, four bits each.
    Locals,
    /// The place of a variable that is shared with another function.
    Shared,
    /// So far forward.
    Forward,
    /// So far back.
    Back,
    /// To this place.
    To,
}

impl Python {
    /// By the number a file of its bytecode begins with.
    pub fn of(magic: u16) -> Option<Self> {
        PYTHONS.iter().find(|(number, _)| *number == magic).map(|(_, python)| *python)
    }

    /// Whether its instructions are known.
    pub fn is_listed(self) -> bool {
        !self.arguments.is_empty()
    }

    /// What an instruction's argument is, and how many empty words follow it; `None` where there is no such instruction.
    pub fn instruction(self, opcode: u8) -> Option<(Argument, usize)> {
        let argument = match self.arguments.get(usize::from(opcode))? {
            b'-' => Argument::None,
            b'a' => Argument::Any,
            b'x' => Argument::Prefix,
            b'c' => Argument::Constant,
            b'n' => Argument::Name(1),
            b'h' => Argument::Name(2),
            b'q' => Argument::Name(4),
            b'l' => Argument::Local,
            b'd' => Argument::Locals,
            b'f' => Argument::Shared,
            b'j' => Argument::Forward,
            b'b' => Argument::Back,
            b'J' => Argument::To,
            _ => return None,
        };
        Some((argument, self.empty.get(usize::from(opcode)).map_or(0, |digit| usize::from(digit.saturating_sub(b'0')))))
    }
}

/// Pythons by the number their bytecode begins with. Of 3.14 only the layout is known. In 3.10, what is left of a better
/// instruction keeps its argument.
#[rustfmt::skip]
const PYTHONS: &[(u16, Python)] = &[
    (3413, Python {
        minor: 8,
        arguments: b".------..----..---.--.--------....................--------.---------------.-----.---------nnajannnn.cnaaaanannjJJJJJn.....j.lll...aaaa.ffff..aajxaaafaaaaajaaaa.naja",
        empty: b"",
    }),
    (3425, Python {
        minor: 9,
        arguments: b".------..----..---.--.--------..................-----.----.---------------------..------.-nnajannnn.cnaaaanannjJJJJJnaa..Jj.lll...aaaa.ffff..aajxaaaf.....jaaa..naaaaa",
        empty: b"",
    }),
    (3439, Python {
        minor: 10,
        arguments: b".-aa--a..a---..---.--.-------------..............----.----.---------------------..------.-nnajannnnacnaaaanannjJJJJJnaaa.Jj.lll..aaaaa.ffff..aajxaaaf...a.jaaa..naaaaa",
        empty: b"",
    }),
    (3495, Python {
        minor: 11,
        arguments: b".--......----..-.........-....----.---...........------.....--......----..--......--------nnajannnnacnaaaanannjjj.jjhaaaa.ajlll.jjaaaabfffffb.a.xaaafa.aa..aaa..n.aaaaa....acbbbb",
        empty: b"0000000000000000000000000400000000000000000000000000000000001000000000000000000000000000000010040000000000420000000050000010000000000000000000000000000000000000:00000100004",
    }),
    (3531, Python {
        minor: 12,
        arguments: b".--.--...-.--..-.........---..----.---...........-------....--......--.-..--.......-.-.-.-nnajannnnacnaaaahannj...jjhaaaacajlllljjaaaabfffffbqalxaaa.aaaa..aaa....aaaa.....acaanf",
        empty: b"0000000000000000000000000100000000000000000000000000000000001000000000000000000000000000000011040000000000910000000040000011000000000000000001000000000000000000000000000003",
    }),
    (3571, Python {
        minor: 13,
        arguments: b".--.-------------.----.----------------------aaaaaaaaaaaaaaaaaanflnnaa.xjannabbjaahcfllldfnhnqfaajjjjaacjaaanflddnnaaaa..............................a",
        empty: b"0000010000000000000000000000000000000001300001000000030000110000000000001000010000900000000401000111100010004000000001",
    }),
    (3627, Python { minor: 14, arguments: b"", empty: b"" }),
];

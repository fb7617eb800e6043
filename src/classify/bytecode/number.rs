//! Numbers as a source writes them.

/// A number of a source.
#[derive(Debug, Clone, PartialEq)]
pub enum Number {
    /// A whole number.
    Small(u64),
    /// One that takes more than 64 bits, in digits of 15 bits, the lowest first.
    Large(Vec<u16>),
    /// Any other, also what stands before a `j`.
    Float(f64),
}

/// More digits than this nobody writes.
const MOST: usize = 20_000;

/// What a number's text means; `None` where it is none.
pub fn read(text: &[u8]) -> Option<Number> {
    let text: String = std::str::from_utf8(text).ok()?.chars().filter(|c| *c != '_').collect::<String>().to_ascii_lowercase();
    let (digits, base) = match text.get(..2) {
        Some("0x") => (text.get(2..)?, 16),
        Some("0o") => (text.get(2..)?, 8),
        Some("0b") => (text.get(2..)?, 2),
        _ => (text.as_str(), 10),
    };
    if base == 10 && digits.contains(['.', 'e', 'j']) {
        return digits.trim_end_matches('j').parse().ok().map(Number::Float);
    }
    match u64::from_str_radix(digits, base) {
        Ok(small) => Some(Number::Small(small)),
        Err(_) if digits.len() <= MOST => large(digits, base).map(Number::Large),
        Err(_) => None,
    }
}

fn large(digits: &str, base: u32) -> Option<Vec<u16>> {
    let mut number: Vec<u16> = Vec::new();
    for digit in digits.chars() {
        let mut carry = digit.to_digit(base)?;
        for part in &mut number {
            let sum = u32::from(*part) * base + carry;
            *part = u16::try_from(sum & 0x7FFF).ok()?;
            carry = sum >> 15;
        }
        if carry > 0 {
            number.push(u16::try_from(carry).ok()?);
        }
    }
    Some(number)
}

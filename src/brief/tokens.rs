//! How many tokens a text takes, estimated: the same text always gives the same number, whatever model reads it.

/// How the estimate is made, for people.
pub const HOW: &str =
    "estimated: a word takes one token for every 6 letters, a number one for every 3 digits, any other sign one, white space none";

/// An estimate that rather counts too much: see [`HOW`].
pub fn tokens(text: &str) -> usize {
    let (mut all, mut letters, mut digits) = (0_usize, 0_usize, 0_usize);
    for c in text.chars() {
        match c {
            'a'..='z' | 'A'..='Z' => letters += 1,
            '0'..='9' => digits += 1,
            _ => {}
        }
        if !c.is_ascii_alphabetic() {
            all += std::mem::take(&mut letters).div_ceil(6);
        }
        if !c.is_ascii_digit() {
            all += std::mem::take(&mut digits).div_ceil(3);
        }
        all += usize::from(!c.is_ascii_alphanumeric() && !c.is_whitespace());
    }
    all + letters.div_ceil(6) + digits.div_ceil(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_the_sum_of_words_numbers_and_signs() {
        assert_eq!(tokens("Draw the figures again, please."), 2 + 5 + 1);
        assert_eq!((tokens("9f86d081"), tokens("日本語"), tokens(" \n"), tokens("")), (5, 3, 0, 0));
        let (one, other) = ("- a line\n", "- another `one`\n");
        assert_eq!(tokens(&format!("{one}{other}")), tokens(one) + tokens(other));
    }
}

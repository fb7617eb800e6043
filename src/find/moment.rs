//! Times as people write them.

use crate::error::{Error, Result};
use crate::world::parse_span;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A time as people write it: a day, a moment, or a span before now. `what` is what they wrote it for.
pub fn moment(what: &str, text: &str, now: Timestamp) -> Result<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    if let Some(at) = text.parse::<Date>().ok().and_then(|day| day.to_zoned(TimeZone::system()).ok()) {
        return Ok(at.timestamp());
    }
    let before = parse_span(text).and_then(|span| now.checked_sub(span).ok());
    before.ok_or_else(|| Error::usage(format!("{what} `{text}` is no time")).hint("write it like 2026-11-21, 2026-11-21T10:00:00Z, or 7d"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_moment_a_day_or_a_span_before_now() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let read = |text| moment("--since", text, now).unwrap().to_string();
        assert_eq!((read("7d").as_str(), read("2026-11-20T01:02:03Z").as_str()), ("2026-11-14T10:00:00Z", "2026-11-20T01:02:03Z"));
        let day = moment("--since", "2026-11-20", now).unwrap().to_zoned(TimeZone::system());
        assert_eq!(day.strftime("%Y-%m-%d %H:%M").to_string(), "2026-11-20 00:00");
        assert_eq!(moment("--since", "someday", now).unwrap_err().exit_code(), 2);
    }
}

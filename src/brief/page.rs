//! A brief as a page of markdown, and as JSON.

use super::cite::{Cite, short_session};
use super::fit::{Fit, Written, fit};
use super::lines::{Line, Section};
use super::quote::quote;
use super::tokens::{HOW, tokens};
use super::{Brief, Kept, Source};
use crate::model::SessionIx;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The schema of the JSON.
pub const SCHEMA: &str = "lifeboat.brief/1";

/// What stands on top, and what is told of what was left out, takes so much at most.
const AROUND: usize = 60;

impl Brief {
    /// The brief of these lines, cut to fit.
    pub(super) fn cut(head: String, sources: Vec<Source>, lines: &[Line], budget: usize) -> Self {
        let nth = |ix: SessionIx| sources.iter().position(|s| s.session == ix).unwrap_or_default();
        let written = |line: &Line, sources: &[Source]| {
            let session = line.cites.first().map_or(0, |cite| nth(cite.session));
            let mut cites: Vec<String> = line.cites.iter().map(|cite| cited(cite, sources)).collect();
            cites.dedup();
            let sign = if line.guess { "~ " } else { "" };
            (format!("- {sign}{} {}\n", line.text, cites.join(" ")), session)
        };
        let all: Vec<(String, usize)> = lines.iter().map(|line| written(line, &sources)).collect();
        let texts: Vec<Written<'_>> =
            lines.iter().zip(&all).map(|(line, (text, session))| Written { line, text: text.clone(), session: *session }).collect();
        let rows: Vec<String> = sources.iter().map(|source| source.row.clone()).collect();
        let Fit { kept, left } = fit(&texts, &rows, budget.saturating_sub(tokens(&head) + AROUND));
        let kept = kept.iter().filter_map(|at| Some(Kept { line: lines.get(*at)?.clone(), text: all.get(*at)?.0.clone() })).collect();
        Self { head, sources, kept, left, budget }
    }

    /// The page.
    pub fn markdown(&self) -> String {
        let mut out = self.head.clone();
        for section in Section::ALL {
            let mut lines = self.kept.iter().filter(|k| k.line.section == section).peekable();
            if lines.peek().is_some() {
                let _ = write!(out, "\n## {}\n", section.names().0);
            }
            lines.for_each(|kept| out.push_str(&kept.text));
        }
        if self.kept.is_empty() {
            out.push_str("\nNothing was found that could be told.\n");
        }
        let named: BTreeSet<usize> = self.kept.iter().flat_map(|k| &k.line.cites).filter_map(|c| self.nth(c)).collect();
        if !named.is_empty() {
            out.push_str("\n## Sources\n");
        }
        named.iter().filter_map(|at| self.sources.get(*at)).for_each(|source| out.push_str(&source.row));
        let left: Vec<String> = self.left.iter().map(|(section, n)| format!("{} {n}", section.names().1)).collect();
        if !left.is_empty() {
            let _ = write!(out, "\nLeft out to fit {} tokens: {}.\n", self.budget, left.join(", "));
        }
        out
    }

    /// How many tokens the page takes, by the estimate.
    pub fn tokens(&self) -> usize {
        tokens(&self.markdown())
    }

    /// All of it as JSON, the page among it.
    pub fn json(&self) -> Value {
        let page = self.markdown();
        let lines = |section: Section| -> Vec<Value> {
            let of = self.kept.iter().filter(|k| k.line.section == section);
            of.map(|k| {
                let cites: Vec<Value> = k.line.cites.iter().map(|cite| self.cite(cite)).collect();
                json!({"text": k.line.text, "guess": k.line.guess, "cites": cites})
            })
            .collect()
        };
        let sections = Section::ALL
            .map(|s| json!({"section": s.names().1, "lines": lines(s), "left_out": self.left.get(&s).copied().unwrap_or_default()}));
        let sessions: Vec<Value> = self.sources.iter().map(Source::json).collect();
        json!({"schema": SCHEMA, "tokens": {"budget": self.budget, "used": tokens(&page), "how": HOW}, "sessions": sessions,
            "sections": sections, "markdown": page})
    }

    fn nth(&self, cite: &Cite) -> Option<usize> {
        self.sources.iter().position(|s| s.session == cite.session)
    }

    fn cite(&self, cite: &Cite) -> Value {
        let source = self.nth(cite).and_then(|at| self.sources.get(at));
        let call = Some(&cite.call).filter(|call| !call.is_empty());
        json!({"session": source.map(|s| &s.id), "record": cite.record, "call": call, "file": cite.file.to_string_lossy(),
            "short": cited(cite, &self.sources)})
    }
}

/// Where a line stands, as the page has it.
fn cited(cite: &Cite, sources: &[Source]) -> String {
    let Some(source) = sources.iter().find(|s| s.session == cite.session) else { return String::new() };
    format!("[{}:{}]", source.short, source.names.short(&cite.record))
}

impl Source {
    /// Names a session shortly among all there are.
    pub(super) fn named(mut self, all: &BTreeSet<String>, conversation: Option<&str>) -> Self {
        self.short = short_session(&self.id, all);
        let title = quote(&self.title, 80).unwrap_or_else(|| "(no title)".to_owned());
        let day = |at: Option<jiff::Timestamp>| at.map(|at| at.strftime("%Y-%m-%d").to_string());
        let mut days: Vec<String> = [day(self.started), day(self.last_active)].into_iter().flatten().collect();
        days.dedup();
        let mut row = format!("- {}: {title}, {}, {}", self.short, self.tool, days.join(" to "));
        for (before, text) in [("", &self.model), ("in ", &self.cwd), ("on ", &self.branch)] {
            if let Some(text) = text.as_ref().and_then(|text| quote(text, 120)) {
                let _ = write!(row, ", {before}{text}");
            }
        }
        let read = conversation.and_then(|path| quote(path, 300)).map(|path| format!("; from {path}")).unwrap_or_default();
        self.row = format!("{row}{read}\n");
        self
    }

    fn json(&self) -> Value {
        json!({"id": self.id, "short": self.short, "title": self.title, "store": self.store, "started": self.started,
            "last_active": self.last_active, "model": self.model, "cwd": self.cwd, "branch": self.branch,
            "sources": self.files.iter().map(|f| f.to_string_lossy()).collect::<Vec<_>>()})
    }
}

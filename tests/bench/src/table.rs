//! Rows, verdicts, and how they are shown.

use std::io::Write as _;

/// Tells the person at the terminal. A terminal that is gone wants nothing more.
pub(crate) fn say(text: &str) {
    drop(writeln!(std::io::stdout().lock(), "{text}"));
}

/// Whether an aim was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Pass,
    Miss,
    /// There is no aim: the row explains another one.
    None,
    /// Something that it needs is not there; the note says what.
    NotMeasured,
}

impl Verdict {
    pub(crate) fn of(met: bool) -> Self {
        if met { Self::Pass } else { Self::Miss }
    }

    fn as_str(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Miss => "MISS",
            Verdict::None => "",
            Verdict::NotMeasured => "not measured",
        }
    }
}

/// One figure.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) result: String,
    pub(crate) floor: String,
    pub(crate) ratio: Option<f64>,
    pub(crate) aim: String,
    pub(crate) verdict: Verdict,
    pub(crate) note: String,
}

impl Row {
    /// A figure in some unit held against a floor in the same unit.
    pub(crate) fn ratio(what: &str, (result, floor): (f64, f64), unit: &str, at_most: Option<f64>) -> Self {
        let ratio = result / floor;
        Self {
            what: what.to_owned(),
            result: format!("{result:.2} {unit}"),
            floor: format!("{floor:.2} {unit}"),
            ratio: Some(ratio),
            aim: at_most.map_or_else(String::new, |most| format!("≤ {most}×")),
            verdict: at_most.map_or(Verdict::None, |most| Verdict::of(ratio <= most)),
            note: String::new(),
        }
    }

    /// A figure that must not be above another one.
    pub(crate) fn at_most(what: &str, result: f64, most: f64, unit: &str) -> Self {
        Self {
            what: what.to_owned(),
            result: format!("{result:.2} {unit}"),
            floor: String::new(),
            ratio: None,
            aim: format!("≤ {most} {unit}"),
            verdict: Verdict::of(result <= most),
            note: String::new(),
        }
    }

    /// Counts, as text, with an aim in words.
    pub(crate) fn counts(what: &str, result: String, aim: &str, verdict: Verdict) -> Self {
        Self {
            what: what.to_owned(),
            result,
            floor: String::new(),
            ratio: None,
            aim: aim.to_owned(),
            verdict,
            note: String::new(),
        }
    }

    /// The same row with a note below the table.
    pub(crate) fn noted(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// The same row with the floor shown.
    pub(crate) fn over(mut self, floor: String) -> Self {
        self.floor = floor;
        self
    }
}

/// Everything measured.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

impl Table {
    pub(crate) fn push(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// As Markdown, which is also legible as it stands.
    pub(crate) fn shown(&self) -> String {
        let head = ["measured", "result", "floor", "ratio", "aim", "", "note"].map(str::to_owned);
        let mut notes: Vec<&str> = Vec::new();
        let mut lines = vec![head];
        for row in &self.rows {
            let mut note = String::new();
            if !row.note.is_empty() {
                let place = notes.iter().position(|known| *known == row.note);
                let number = place.unwrap_or_else(|| {
                    notes.push(&row.note);
                    notes.len() - 1
                });
                note = format!("({})", number + 1);
            }
            lines.push([
                row.what.clone(),
                row.result.clone(),
                row.floor.clone(),
                row.ratio.map(|ratio| format!("{ratio:.2}×")).unwrap_or_default(),
                row.aim.clone(),
                row.verdict.as_str().to_owned(),
                note,
            ]);
        }
        let widths: Vec<usize> = (0..7)
            .map(|column| {
                let cells = lines.iter().filter_map(|line| line.get(column));
                cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
            })
            .collect();
        let mut shown = vec![String::new()];
        for (number, line) in lines.iter().enumerate() {
            let cells = line.iter().zip(&widths);
            let cells = cells.map(|(cell, width)| format!("| {cell:width$} "));
            shown.push(cells.collect::<String>() + "|");
            if number == 0 {
                let rules = widths.iter().map(|width| format!("|{}", "-".repeat(width + 2)));
                shown.push(rules.collect::<String>() + "|");
            }
        }
        for (number, note) in notes.iter().enumerate() {
            shown.push(format!("\n({}) {note}", number + 1));
        }
        shown.join("\n")
    }
}

/// The middle of several measurements.
pub(crate) fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}

//! What the person at the terminal, or the program that called, gets to read.

use std::io::Write as _;

/// A line on standard output: what was asked for.
pub fn answer(line: &str) {
    // Nobody listening, as after `| head`, is no reason to fail.
    let _closed = writeln!(std::io::stdout().lock(), "{line}");
}

/// A line on standard error: what goes on meanwhile, and what went wrong.
pub fn remark(line: &str) {
    let _closed = writeln!(std::io::stderr().lock(), "{line}");
}

/// How far something is: over the former such line on a terminal, a line of its own anywhere else.
pub fn progress(line: &str, on_terminal: bool) {
    let mut out = std::io::stderr().lock();
    let _closed = if on_terminal {
        // Back to the line's beginning, and clear it.
        write!(out, "\r\u{1b}[2K{line}").and_then(|()| out.flush())
    } else {
        writeln!(out, "{line}")
    };
}

/// Ends the line that [`progress`] has been writing on a terminal.
pub fn progress_ended(on_terminal: bool) {
    if on_terminal {
        let _closed = writeln!(std::io::stderr().lock());
    }
}

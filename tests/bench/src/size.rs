//! What is uploaded: each function, compressed.

use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::Failed;
use crate::programs::Programs;
use crate::table::{Row, Table};

/// Most megabytes (of a million bytes) of a function, compressed.
const AIM: f64 = 3.5;

pub(crate) fn measure(programs: &Programs, table: &mut Table) -> Result<(), Failed> {
    let (files, origin) = match &programs.uploaded {
        Some(files) => (files.clone(), "as `cargo lambda build --release` left it"),
        None => (
            [programs.sync.clone(), programs.web.clone()],
            "the release build of this machine; `cargo lambda build --release` had not been run",
        ),
    };
    for (name, file) in ["sync", "web"].into_iter().zip(files) {
        let (plain, compressed) = megabytes(&file)?;
        let (_, floor) = megabytes(&programs.minimal)?;
        table.push(
            Row::at_most(&format!("size of `{name}`, gzip"), compressed, AIM, "MB")
                .over(format!("{floor:.2} MB"))
                .noted(format!(
                    "Size: {origin}; MB of 1,000,000 bytes at gzip's usual level; floor: the minimal function."
                )),
        );
        table.push(Row::counts(
            &format!("size of `{name}`, plain"),
            format!("{plain:.2} MB"),
            "",
            crate::table::Verdict::None,
        ));
    }
    Ok(())
}

fn megabytes(file: &Path) -> Result<(f64, f64), Failed> {
    let bytes = std::fs::read(file)?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&bytes)?;
    Ok((millions(bytes.len()), millions(encoder.finish()?.len())))
}

fn millions(bytes: usize) -> f64 {
    f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1e6
}

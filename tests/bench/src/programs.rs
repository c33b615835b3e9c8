//! Builds and finds the functions.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failed;

/// Where the programs are.
#[derive(Debug)]
pub(crate) struct Programs {
    pub(crate) minimal: PathBuf,
    pub(crate) sync: PathBuf,
    pub(crate) web: PathBuf,
    /// The same two as `cargo lambda build` left them to be uploaded, if it did.
    pub(crate) uploaded: Option<[PathBuf; 2]>,
}

/// Builds the functions with the release profile, each by itself, so that none gets features of another one's
/// libraries.
pub(crate) fn build() -> Result<Programs, Failed> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // Cargo names itself to what it runs.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    for arguments in [
        &["-p", "sync", "-p", "web"][..],
        &["-p", "bench", "--bin", "minimal"],
    ] {
        let status = Command::new(&cargo)
            .args(["build", "--release", "--locked"])
            .args(arguments)
            .current_dir(&root)
            .status()?;
        if !status.success() {
            return Err("the functions could not be built".into());
        }
    }
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(2).ok_or("this program lies nowhere")?;
    let uploaded = ["sync", "web"].map(|name| target.join("lambda").join(name).join("bootstrap"));
    let release = target.join("release");
    Ok(Programs {
        minimal: release.join("minimal"),
        sync: release.join("sync"),
        web: release.join("web"),
        uploaded: uploaded.iter().all(|path| is_program(path)).then_some(uploaded),
    })
}

/// Whether the file is a program; tests of the template put placeholders there.
fn is_program(path: &Path) -> bool {
    std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"\x7fELF"))
}

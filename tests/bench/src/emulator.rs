//! An AWS emulator: the one that is running, or one of our own.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::Failed;

/// An emulator; one of our own ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Emulator {
    pub(crate) address: String,
    own: Option<Child>,
}

impl Emulator {
    /// The emulator at `AWS_ENDPOINT_URL`, else one that is started with the test tools; `None` where they are not
    /// there.
    pub(crate) fn find() -> Result<Option<Self>, Failed> {
        if let Ok(address) = std::env::var("AWS_ENDPOINT_URL")
            && !address.is_empty()
        {
            return Ok(Some(Self { address, own: None }));
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let python = root.join(".tools/venv/bin/python");
        if !python.exists() {
            return Ok(None);
        }
        // It lives as long as its command, and that one as long as we hold the other end of its input.
        let mut child = Command::new(python)
            .args([
                "tests/deploy/emulator.py",
                "sh",
                "-c",
                "echo \"$AWS_ENDPOINT_URL\"; cat >/dev/null",
            ])
            .current_dir(&root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("the emulator says nothing")?;
        let address = BufReader::new(output)
            .lines()
            .map_while(Result::ok)
            .find(|line| line.starts_with("http://"));
        let own = Some(child);
        match address {
            Some(address) => Ok(Some(Self { address, own })),
            None => Err("the AWS emulator did not start".into()),
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if let Some(mut child) = self.own.take() {
            drop(child.stdin.take());
            // Whether it ended well makes no difference any more.
            drop(child.wait());
        }
    }
}

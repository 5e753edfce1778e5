//! Runs the built program.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The output and exit code of a run.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The program, without the tests' own environment variables.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fastmpnn"));
    command.args(arguments).env_remove("FASTMPNN_ISA").env_remove("NO_COLOR").env("COLUMNS", "100");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program to its end.
pub(crate) fn fastmpnn(arguments: &[&str]) -> Run {
    finish(command(arguments))
}

/// Runs it with this on standard input.
pub(crate) fn fastmpnn_reading(arguments: &[&str], input: &[u8]) -> Run {
    let mut command = command(arguments);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    finished(child.wait_with_output().unwrap())
}

pub(crate) fn finish(mut command: Command) -> Run {
    finished(command.output().unwrap())
}

/// The output and exit code of a run that was started separately.
pub(crate) fn finished(output: std::process::Output) -> Run {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    let code = output.status.code().unwrap_or_else(|| panic!("killed by a signal: {err}"));
    assert!(!err.contains("panicked"), "{err}");
    Run { code, out, err }
}

impl Run {
    /// Standard output of a run, which must have succeeded.
    pub(crate) fn success(self) -> String {
        assert_eq!(self.code, 0, "{}", self.err);
        self.out
    }

    /// Standard error of a run that must have ended with this code.
    pub(crate) fn failure(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self.err
    }
}

/// The path of an example structure.
pub(crate) fn example(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    path.to_str().unwrap().to_owned()
}

/// Headers and sequences of FASTA text.
pub(crate) fn records(text: &str) -> Vec<(&str, &str)> {
    let lines: Vec<&str> = text.lines().collect();
    let pairs = lines.chunks(2).map(|pair| (pair[0].strip_prefix('>').expect("a header"), pair[1]));
    pairs.collect()
}

/// A field of a FASTA header, `score` of `x, score=1.5, …`.
pub(crate) fn field<'a>(header: &'a str, name: &str) -> &'a str {
    let value = header.split(", ").find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
    value.unwrap_or_else(|| panic!("no {name} in {header}"))
}

/// The rows of a table by column name.
pub(crate) fn rows(text: &str) -> Vec<std::collections::HashMap<String, String>> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.unwrap()).collect()
}

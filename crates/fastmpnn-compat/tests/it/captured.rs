//! A console that keeps the texts it is given, and the result of a script.

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use fastmpnn::EngineOptions;
use fastmpnn_compat::{Console, Outcome, run};

/// Keeps the texts it is given.
#[derive(Debug)]
pub(crate) struct Captured {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) columns: usize,
    /// The error of standard output, if it fails.
    pub(crate) closed: Option<io::ErrorKind>,
}

impl Default for Captured {
    fn default() -> Captured {
        Captured { out: String::new(), err: String::new(), columns: 80, closed: None }
    }
}

impl Console for Captured {
    fn print(&mut self, text: &str) -> io::Result<()> {
        if let Some(kind) = self.closed {
            return Err(kind.into());
        }
        self.out.push_str(text);
        Ok(())
    }

    fn print_usage(&mut self, text: &str) {
        self.err.push_str(text);
    }

    fn warn(&mut self, message: &str) {
        self.err.push_str(&format!("warning: {message}\n"));
    }

    fn error(&mut self, message: &str) {
        self.err.push_str(&format!("error: {message}\n"));
    }

    fn columns(&self) -> usize {
        self.columns
    }

    fn engine_options(&self) -> EngineOptions {
        EngineOptions::default().with_threads(NonZeroUsize::new(2))
    }
}

/// The result of a script.
pub(crate) struct Ended {
    pub(crate) status: u8,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    /// The printed text of a script, which must have succeeded.
    pub(crate) fn success(self) -> String {
        assert_eq!(self.status, 0, "{}", self.err);
        self.out
    }

    /// The error of a script, which must have ended with this status.
    pub(crate) fn failure(self, status: u8) -> String {
        assert_eq!(self.status, status, "{}{}", self.out, self.err);
        self.err
    }
}

/// Runs a script to its end.
pub(crate) fn script(name: &str, arguments: &[&str]) -> Ended {
    let mut console = Captured::default();
    let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    let outcome = run(Path::new(name), &arguments, &mut console);
    let status = outcome.status();
    let error = match outcome {
        Outcome::Refused(error) => format!("error: {error}\n"),
        Outcome::Unwritten(failure) => format!("error: {failure}\n"),
        _ => String::new(),
    };
    Ended { status, out: console.out, err: console.err + &error }
}

/// Words between blanks, or between quotes `quote`.
pub(crate) fn words(line: &str, quote: char) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split(quote).enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// Runs a script whose arguments are given as one line.
pub(crate) fn script_line(name: &str, line: &str, quote: char) -> Ended {
    let words = words(line, quote);
    script(name, &words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The folder of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The path of an example structure.
pub(crate) fn example(name: &str) -> String {
    text(&root().join("examples").join(name))
}

pub(crate) fn text(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}

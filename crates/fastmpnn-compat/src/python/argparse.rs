//! Arguments as Python's `argparse` takes them: `--name value`, `--name=value`, any unambiguous prefix of a name, and
//! its usage lines, help and errors.
//!
//! The published scripts spell their options with underscores, the PyPI packages with dashes: both are accepted.
//!
//! Source: CPython 3.11, `Lib/argparse.py` (behavior only).

use std::collections::HashMap;

use super::text;

/// The kind of value that an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    Text,
    Int,
    Float,
    /// No value: a switch.
    Nothing,
}

/// An option.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flag {
    /// The name with its dashes, as the script spells it: `--out_folder`.
    pub(crate) name: &'static str,
    pub(crate) takes: Takes,
    /// The value if the option is not given; `None` is Python's `None`.
    pub(crate) default: Option<&'static str>,
    /// Whether it must be given.
    pub(crate) required: bool,
    pub(crate) help: &'static str,
}

/// An option that takes a value.
pub(crate) const fn flag(name: &'static str, takes: Takes, default: &'static str, help: &'static str) -> Flag {
    Flag { name, takes, default: Some(default), required: false, help }
}

/// An option that is `None` if it is not given.
pub(crate) const fn optional(name: &'static str, help: &'static str) -> Flag {
    Flag { name, takes: Takes::Text, default: None, required: false, help }
}

/// An option that must be given.
pub(crate) const fn required(name: &'static str, help: &'static str) -> Flag {
    Flag { name, takes: Takes::Text, default: None, required: true, help }
}

/// An option without a value.
pub(crate) const fn switch(name: &'static str, help: &'static str) -> Flag {
    Flag { name, takes: Takes::Nothing, default: Some("False"), required: false, help }
}

/// A script's options.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parser {
    /// The script's file name.
    pub(crate) program: &'static str,
    pub(crate) flags: &'static [Flag],
}

/// The result of parsing the arguments.
#[derive(Debug)]
pub(crate) enum ParsedArguments {
    Values(Values),
    /// Help was requested.
    Help(String),
    /// The arguments cannot be used: the usage and a sentence.
    Error(String),
}

/// The value of every option, as a text that is valid for its kind.
#[derive(Clone, Debug)]
pub(crate) struct Values(HashMap<&'static str, Option<String>>);

impl Values {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Option::as_deref)
    }

    /// A text, or `None` if the option was not given.
    pub(crate) fn text_or_none(&self, name: &str) -> Option<&str> {
        self.get(name)
    }

    /// A text; empty if the option is `None`.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or("")
    }

    /// A text, or `None` if the option was not given or is empty.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|text| !text.is_empty())
    }

    /// A whole number.
    pub(crate) fn int(&self, name: &str) -> i64 {
        self.get(name).and_then(text::parse_int).unwrap_or(0)
    }

    /// A whole number as Python's truth value.
    pub(crate) fn truth(&self, name: &str) -> bool {
        self.int(name) != 0
    }

    /// A number.
    pub(crate) fn float(&self, name: &str) -> f64 {
        self.get(name).and_then(text::parse_float).unwrap_or(0.0)
    }

    /// Whether a switch was given.
    pub(crate) fn switch(&self, name: &str) -> bool {
        self.get(name) == Some("True")
    }
}

/// The kind of an argument.
enum Word<'p> {
    Value,
    Flag(&'p Flag, Option<String>),
    Help(Option<String>),
    Unknown,
}

impl Parser {
    /// Parses the arguments; usage and help are wrapped to a terminal of `columns` columns.
    pub(crate) fn parse(&self, arguments: &[String], columns: usize) -> ParsedArguments {
        let width = usable_width(columns);
        match self.values(arguments) {
            Ok(Some(values)) => ParsedArguments::Values(values),
            Ok(None) => ParsedArguments::Help(self.help(width)),
            Err(message) => ParsedArguments::Error(format!("{}{}: error: {message}", self.usage(width), self.program)),
        }
    }

    /// `None` if help was requested.
    fn values(&self, arguments: &[String]) -> Result<Option<Values>, String> {
        let mut values: HashMap<&'static str, Option<String>> =
            self.flags.iter().map(|flag| (flag.name, flag.default.map(str::to_owned))).collect();
        let mut unknown = Vec::new();
        // Arguments after `--` are not options, whatever they look like.
        let end = arguments.iter().position(|argument| argument == "--").unwrap_or(arguments.len());
        let mut words = Vec::with_capacity(arguments.len());
        for (index, argument) in arguments.iter().enumerate() {
            words.push(if index < end { self.word(argument)? } else { Word::Value });
        }
        let mut index = 0;
        while index < arguments.len() {
            let argument = &arguments[index];
            match &words[index] {
                Word::Help(None) => return Ok(None),
                Word::Help(Some(value)) => {
                    return Err(format!("argument -h/--help: ignored explicit argument {}", text::quoted(value)));
                }
                Word::Value | Word::Unknown => {
                    if index != end {
                        unknown.push(argument.clone());
                    }
                }
                Word::Flag(flag, explicit) if flag.takes == Takes::Nothing => {
                    if let Some(value) = explicit {
                        let value = text::quoted(value);
                        return Err(format!("argument {}: ignored explicit argument {value}", flag.name));
                    }
                    values.insert(flag.name, Some("True".to_owned()));
                }
                Word::Flag(flag, explicit) => {
                    let value = match explicit {
                        Some(value) => value.clone(),
                        None => {
                            index += 1;
                            let follows = words.get(index).is_some_and(|word| matches!(word, Word::Value));
                            if !follows || index == end {
                                return Err(format!("argument {}: expected one argument", flag.name));
                            }
                            arguments[index].clone()
                        }
                    };
                    check(flag, &value)?;
                    values.insert(flag.name, Some(value));
                }
            }
            index += 1;
        }
        let missing = self.flags.iter().filter(|flag| flag.required && values.get(flag.name) == Some(&None));
        let missing: Vec<&str> = missing.map(|flag| flag.name).collect();
        if !missing.is_empty() {
            return Err(format!("the following arguments are required: {}", missing.join(", ")));
        }
        if !unknown.is_empty() {
            return Err(format!("unrecognized arguments: {}", unknown.join(" ")));
        }
        Ok(Some(Values(values)))
    }

    fn word(&self, argument: &str) -> Result<Word<'_>, String> {
        if !argument.starts_with('-') || argument.len() == 1 {
            return Ok(Word::Value);
        }
        if let Some(rest) = argument.strip_prefix("-h").filter(|_| !argument.starts_with("--")) {
            return Ok(Word::Help(Some(rest.to_owned()).filter(|rest| !rest.is_empty())));
        }
        let (name, explicit) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (argument, None),
        };
        if let Some(long) = name.strip_prefix("--").filter(|long| !long.is_empty()) {
            let wanted = underscored(long);
            let spelled = |flag: &&Flag| underscored(flag.name.trim_start_matches('-'));
            if let Some(flag) = self.flags.iter().find(|flag| spelled(flag) == wanted) {
                return Ok(Word::Flag(flag, explicit));
            }
            let mut found: Vec<&Flag> = self.flags.iter().filter(|flag| spelled(flag).starts_with(&wanted)).collect();
            let help = "help".starts_with(&wanted);
            if found.len() + usize::from(help) > 1 {
                let mut names: Vec<&str> = if help { vec!["--help"] } else { Vec::new() };
                names.extend(found.iter().map(|flag| flag.name));
                return Err(format!("ambiguous option: {argument} could match {}", names.join(", ")));
            }
            if help {
                return Ok(Word::Help(explicit));
            }
            if let Some(flag) = found.pop() {
                return Ok(Word::Flag(flag, explicit));
            }
        }
        let number = argument[1..].bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            && argument.bytes().filter(|&byte| byte == b'.').count() <= 1
            && argument.ends_with(|last: char| last.is_ascii_digit());
        Ok(if number || argument.contains(' ') { Word::Value } else { Word::Unknown })
    }

    /// The usage, wrapped to the terminal's width, with the line end after it.
    fn usage(&self, width: usize) -> String {
        let parts: Vec<String> = std::iter::once("[-h]".to_owned()).chain(self.flags.iter().map(usage_of)).collect();
        let prefix = "usage: ";
        let line = format!("{prefix}{} {}", self.program, parts.join(" "));
        if line.len() <= width {
            return line + "\n";
        }
        let beside = 4 * (prefix.len() + self.program.len()) <= 3 * width;
        let indent = if beside { prefix.len() + self.program.len() + 1 } else { prefix.len() };
        let mut lines = vec![format!("{prefix}{}", self.program)];
        if !beside {
            lines.push(" ".repeat(indent - 1));
        }
        for part in parts {
            let current = lines.last_mut().filter(|line| line.len() + 1 + part.len() <= width || line.len() < indent);
            match current {
                Some(line) => {
                    line.push(' ');
                    line.push_str(&part);
                }
                None => lines.push(format!("{}{part}", " ".repeat(indent))),
            }
        }
        lines.join("\n") + "\n"
    }

    fn help(&self, width: usize) -> String {
        let column = 24.min((width.saturating_sub(20)).max(4));
        let mut out = format!("{}\noptions:\n", self.usage(width));
        add_help(&mut out, "-h, --help", "show this help message and exit", column, width);
        for flag in self.flags {
            let names = match flag.takes {
                Takes::Nothing => flag.name.to_owned(),
                _ => format!("{} {}", flag.name, metavar(flag)),
            };
            let help = format!("{} (default: {})", flag.help, flag.default.unwrap_or("None"));
            add_help(&mut out, &names, &help, column, width);
        }
        out
    }
}

fn underscored(name: &str) -> String {
    name.replace('-', "_")
}

fn metavar(flag: &Flag) -> String {
    underscored(flag.name.trim_start_matches('-')).to_uppercase()
}

fn usage_of(flag: &Flag) -> String {
    match flag.takes {
        Takes::Nothing => format!("[{}]", flag.name),
        _ if flag.required => format!("{} {}", flag.name, metavar(flag)),
        _ => format!("[{} {}]", flag.name, metavar(flag)),
    }
}

fn check(flag: &Flag, value: &str) -> Result<(), String> {
    let (fine, kind) = match flag.takes {
        Takes::Int => (text::parse_int(value).is_some(), "int"),
        Takes::Float => (text::parse_float(value).is_some(), "float"),
        Takes::Text | Takes::Nothing => (true, "str"),
    };
    if fine { Ok(()) } else { Err(format!("argument {}: invalid {kind} value: {}", flag.name, text::quoted(value))) }
}

/// The usable width: `argparse` leaves two columns free.
fn usable_width(columns: usize) -> usize {
    columns.saturating_sub(2).max(22)
}

fn add_help(out: &mut String, names: &str, help: &str, column: usize, width: usize) {
    let mut line = format!("  {names}");
    if line.len() + 2 > column {
        out.push_str(&line);
        out.push('\n');
        line = String::new();
    }
    line = format!("{line:column$}");
    let mut empty = true;
    for word in help.split_whitespace() {
        if !empty && line.len() + 1 + word.len() > width {
            out.push_str(&line);
            out.push('\n');
            line = " ".repeat(column);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    out.push_str(&line);
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARSER: Parser = Parser {
        program: "script.py",
        flags: &[
            optional("--input_path", "what to read"),
            flag("--seed", Takes::Int, "0", "the seed"),
            flag("--pssm_multi", Takes::Float, "0.0", "a share"),
            flag("--pssm_jsonl", Takes::Text, "", "a file"),
            switch("--ca_only", "CA alone"),
        ],
    };

    fn parse(arguments: &[&str]) -> Result<Values, String> {
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        match PARSER.parse(&arguments, 80) {
            ParsedArguments::Values(values) => Ok(values),
            ParsedArguments::Help(text) => Err(text),
            ParsedArguments::Error(text) => Err(text.lines().last().unwrap_or("").to_owned()),
        }
    }

    #[test]
    fn values_are_taken_in_every_form() {
        let values = parse(&["--seed=37", "--in", "x y", "--ca-only", "--pssm_m", "-0.5"]).unwrap();
        assert_eq!((values.int("--seed"), values.text("--input_path")), (37, "x y"));
        assert_eq!((values.switch("--ca_only"), values.float("--pssm_multi")), (true, -0.5));
        let values = parse(&["--pssm-jsonl", "-a b", "--seed", "1", "--seed", "2"]).unwrap();
        assert_eq!((values.text("--pssm_jsonl"), values.int("--seed")), ("-a b", 2));
        assert_eq!((values.given("--input_path"), values.switch("--ca_only")), (None, false));
    }

    #[test]
    fn errors_are_those_of_argparse() {
        for (arguments, message) in [
            (&["--foo", "1"][..], "unrecognized arguments: --foo 1"),
            (&["--seed", "1.5"], "argument --seed: invalid int value: '1.5'"),
            (&["--pssm_multi", "x"], "argument --pssm_multi: invalid float value: 'x'"),
            (&["--seed"], "argument --seed: expected one argument"),
            (&["--seed", "--ca_only"], "argument --seed: expected one argument"),
            (&["--pssm", "1"], "ambiguous option: --pssm could match --pssm_multi, --pssm_jsonl"),
            (&["--ca_only=1"], "argument --ca_only: ignored explicit argument '1'"),
            (&["a", "--", "--seed"], "unrecognized arguments: a --seed"),
        ] {
            assert_eq!(parse(arguments).unwrap_err(), format!("script.py: error: {message}"), "{arguments:?}");
        }
    }

    #[test]
    fn the_help_comes_first() {
        for arguments in [&["-h", "--foo"][..], &["--he"]] {
            let help = parse(arguments).unwrap_err();
            assert!(help.contains("\noptions:\n  -h, --help"), "{help}");
            assert!(help.contains("  --seed SEED           the seed (default: 0)\n"), "{help}");
        }
    }
}

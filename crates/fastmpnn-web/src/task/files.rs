//! The files of a request: texts with names that are no paths.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::limits::Limits;
use crate::problem::Problem;

/// The longest name of a file, bytes.
const LONGEST_NAME: usize = 200;

/// A file of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(deny_unknown_fields)]
pub(crate) struct File {
    /// Its name, such as `5L33.pdb`, without a folder. A structure is called by it, without its ending.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) name: String,
    /// What it holds: a structure as PDB or mmCIF, or what a setting of the request names.
    pub(crate) text: String,
}

/// Takes the files out of a request's body.
pub(super) fn take(body: &mut Map<String, Value>, limits: &Limits) -> Result<Vec<File>, Problem> {
    let refused = |detail: String| Problem::unprocessable(detail).of_setting("files");
    let expected = "a list of files, each with a name and its text";
    let Some(files) = body.remove("files") else {
        return Err(refused(format!("files: there is none; expected {expected}")));
    };
    let files: Vec<File> =
        serde_json::from_value(files).map_err(|error| refused(format!("files: {error}; expected {expected}")))?;
    if files.is_empty() {
        return Err(refused("files: there is none".to_owned()));
    }
    if files.len() > limits.files {
        return Err(refused(format!("{} files: this service takes {} at most", files.len(), limits.files)));
    }
    for (index, file) in files.iter().enumerate() {
        check_name(&file.name).map_err(|reason| refused(format!("files: {:?}: {reason}", file.name)))?;
        if files[..index].iter().any(|other| other.name == file.name) {
            return Err(refused(format!("files: {:?} is given twice", file.name)));
        }
    }
    Ok(files)
}

/// Refuses a name that could mean a place, or that the pipeline would read as something else than the name of a file.
fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("a file has a name");
    }
    if name.len() > LONGEST_NAME {
        return Err("the name is too long");
    }
    if name.contains(['/', '\\', ':']) || name == "." || name == ".." {
        return Err("a name is no path: it has no /, \\ or :");
    }
    if name.chars().any(char::is_control) {
        return Err("a name has no control characters");
    }
    if name.starts_with(['@', '-']) || name.contains(['*', '?', '[', '=']) {
        return Err("a name does not begin with @ or -, and has no *, ?, [ or =");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_paths() {
        for name in ["5L33.pdb", "a b.cif", "é.pdb", ".pdb", "x..pdb", "1abc.pdb1"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        let long = "x".repeat(LONGEST_NAME + 1);
        let tricks = [
            "",
            ".",
            "..",
            "../x.pdb",
            "/etc/passwd",
            "..\\x.pdb",
            "C:x.pdb",
            "a/b.pdb",
            "x\0.pdb",
            "x\n.pdb",
            "-",
            "-x",
            "@list",
            "*.pdb",
            "x?.pdb",
            "[a].pdb",
            "k=v",
            &long,
        ];
        for name in tricks {
            assert!(check_name(name).is_err(), "{name:?}");
        }
    }
}

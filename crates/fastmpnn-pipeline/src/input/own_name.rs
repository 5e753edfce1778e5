//! The name that a file gives a structure.

use std::path::Path;

use fastmpnn::structure::structure_name;

use super::standard_input::is_standard_input;

/// The name that a file gives a structure, known before it is read. Control characters would break headers and tables.
pub(super) fn name_of(path: &Path) -> String {
    if is_standard_input(path) {
        return "stdin".to_owned();
    }
    let file_name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    structure_name(&file_name).replace(char::is_control, "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_no_part_of_a_name() {
        assert_eq!(name_of(Path::new("a\u{1b}[2J\nb.pdb")), "a_[2J_b");
    }
}

//! The report: one self-contained page with plots and tables of all records of a folder.

pub mod axis;
mod page;
pub mod plots;
mod sections;
pub mod svg;
mod table;

use std::path::Path;

use crate::error::StudyError;
use crate::records::StudyRecords;

/// The report of a folder's records, as HTML.
///
/// # Errors
/// If a record cannot be read.
pub fn render(folder: &Path) -> Result<String, StudyError> {
    Ok(page::page(&StudyRecords::read(folder)?))
}

//! The report: one page with plots of all records of a folder and the tables under them. It needs nothing but itself.

pub mod axis;
mod page;
pub mod plots;
mod sections;
pub mod svg;
mod table;

use std::path::Path;

use crate::error::StudyError;
use crate::records::StudyRecords;

/// The page for the records in a folder.
pub fn render(folder: &Path) -> Result<String, StudyError> {
    Ok(page::page(&StudyRecords::read(folder)?))
}

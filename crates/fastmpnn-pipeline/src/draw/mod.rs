//! Pictures of results as SVG text: heat maps of mutations, and sequence logos.
//!
//! They look as the Python package's notebook views do, and follow the light or dark theme of the program that shows
//! them.

mod heat_map;
mod letters;
mod logo;
mod residue_rows;
mod svg;

pub use heat_map::HeatMap;
pub use logo::{Logo, LogoAxis};

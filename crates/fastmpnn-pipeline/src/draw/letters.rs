//! Outlines and colors of the one-letter codes.
//!
//! The outlines are our own drawings, the same as those of the Python package's notebook views, so a logo looks the same
//! wherever it is shown and its heights are exact: text would be as tall as the reader's font makes it.

use fastmpnn::chemistry::Letter;

/// The twenty amino acids with letters of similar chemistry beside each other: aliphatic, aromatic, polar, basic, acidic,
/// and C, G and P.
pub(super) const GROUPED: [char; 20] =
    ['A', 'V', 'L', 'I', 'M', 'F', 'W', 'Y', 'S', 'T', 'N', 'Q', 'H', 'K', 'R', 'D', 'E', 'C', 'G', 'P'];

/// The sRGB color of a letter, by the chemistry of its side chain. Readers with any of the three kinds of color blindness
/// can tell the colors apart (CIELAB differences above 20), and each has a contrast of at least 3 : 1 against white and
/// against #1e1e1e, the pages of light and dark themes.
pub(super) fn color(letter: char) -> &'static str {
    match letter {
        'F' | 'W' | 'Y' => "#c272d0",
        'S' | 'T' | 'N' | 'Q' => "#04a768",
        'H' | 'K' | 'R' => "#0e5df1",
        'D' | 'E' => "#c4372d",
        'C' | 'G' | 'P' => "#d77c03",
        _ => "#6a6a6f",
    }
}

/// The outline of a letter in a box of 100 × 100, y downwards: SVG path data. Holes follow the even-odd rule.
pub(super) fn outline(letter: Letter) -> &'static str {
    match letter.to_char() {
        'A' => "M0 100L37 0L63 0L100 100L75 100L68 79L32 79L25 100ZM38 60L62 60L50 23Z",
        'C' => {
            "M100 33C94 12 76 0 52 0C21 0 0 20 0 50C0 80 21 100 52 100C76 100 94 88 100 67L76 60\
             C73 73 65 80 52 80C35 80 24 69 24 50C24 31 35 20 52 20C65 20 73 27 76 40Z"
        }
        'D' => {
            "M0 0L45 0C80 0 100 19 100 50C100 81 80 100 45 100L0 100ZM24 20L24 80L43 80C65 80 75 70 75 50\
             C75 30 65 20 43 20Z"
        }
        'E' => "M0 0L98 0L98 20L25 20L25 39L92 39L92 58L25 58L25 80L100 80L100 100L0 100Z",
        'F' => "M0 0L100 0L100 20L25 20L25 42L92 42L92 61L25 61L25 100L0 100Z",
        'G' => {
            "M98 31C92 12 76 0 52 0C21 0 0 20 0 50C0 80 21 100 51 100C71 100 88 93 100 81L100 45L52 45L52 63\
             L77 63L77 72C70 77 62 80 53 80C35 80 24 69 24 50C24 31 35 20 52 20C64 20 72 26 75 37Z"
        }
        'H' => "M0 0L24 0L24 39L76 39L76 0L100 0L100 100L76 100L76 60L24 60L24 100L0 100Z",
        'I' => "M12 0L88 0L88 18L62 18L62 82L88 82L88 100L12 100L12 82L38 82L38 18L12 18Z",
        'K' => "M0 0L24 0L24 40L67 0L98 0L51 44L100 100L71 100L34 59L24 68L24 100L0 100Z",
        'L' => "M0 0L25 0L25 80L100 80L100 100L0 100Z",
        'M' => "M0 0L29 0L50 58L71 0L100 0L100 100L79 100L79 35L58 92L42 92L21 35L21 100L0 100Z",
        'N' => "M0 0L25 0L77 65L77 0L100 0L100 100L76 100L23 34L23 100L0 100Z",
        'P' => {
            "M0 0L55 0C84 0 100 12 100 32C100 53 84 65 55 65L24 65L24 100L0 100ZM24 19L24 46L52 46\
             C68 46 76 42 76 32C76 23 68 19 52 19Z"
        }
        'Q' => {
            "M49 0C78 0 98 19 98 47C98 60 94 71 86 79L100 91L87 100L71 89C65 92 57 94 49 94C20 94 0 75 0 47\
             C0 19 20 0 49 0ZM49 19C33 19 23 30 23 47C23 64 33 75 49 75C65 75 75 64 75 47C75 30 65 19 49 19Z"
        }
        'R' => {
            "M0 0L58 0C85 0 98 11 98 30C98 44 90 54 75 58L100 100L72 100L49 60L24 60L24 100L0 100ZM24 19\
             L24 42L54 42C68 42 74 39 74 30C74 22 68 19 54 19Z"
        }
        'S' => {
            "M96 30L72 33C70 23 62 19 49 19C36 19 28 23 28 30C28 37 36 39 52 42C84 47 100 53 100 71\
             C100 89 81 100 50 100C18 100 2 88 0 67L24 64C26 76 35 81 50 81C67 81 75 77 75 70\
             C75 63 66 61 48 58C17 53 4 46 4 29C4 11 21 0 49 0C77 0 93 11 96 30Z"
        }
        'T' => "M0 0L100 0L100 20L62 20L62 100L38 100L38 20L0 20Z",
        'V' => "M0 0L26 0L50 73L74 0L100 0L63 100L37 100Z",
        'W' => "M0 0L20 0L31 66L41 0L59 0L69 66L80 0L100 0L81 100L59 100L50 40L41 100L19 100Z",
        'Y' => "M0 0L28 0L50 38L72 0L100 0L62 61L62 100L38 100L38 61Z",
        _ => "M2 0L31 0L50 32L69 0L98 0L65 49L100 100L70 100L50 67L30 100L0 100L35 49Z",
    }
}

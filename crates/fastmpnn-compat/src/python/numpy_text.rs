//! Arrays as NumPy prints them.

/// `str` of a short array of f32: `[ 12.87    8.232 -24.146]`.
pub(crate) fn array(values: &[f32]) -> String {
    let sizes = || values.iter().map(|value| f64::from(value.abs())).filter(|size| *size > 0.0 && size.is_finite());
    let (least, largest) = (sizes().fold(f64::INFINITY, f64::min), sizes().fold(0.0, f64::max));
    let scientific = sizes().next().is_some() && (largest >= 1e8 || least < 1e-4 || largest / least > 1000.0);
    let words = if scientific { in_powers(values) } else { plain(values) };
    format!("[{}]", words.join(" "))
}

/// Shortest digits, at most eight after the decimal point, with the points aligned.
fn plain(values: &[f32]) -> Vec<String> {
    let parts = values.iter().map(|value| {
        let shortest = format!("{value}");
        let rounded = format!("{value:.8}");
        let text = if shortest.len() > rounded.len() { rounded.trim_end_matches('0').to_owned() } else { shortest };
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        (whole.to_owned(), fraction.to_owned())
    });
    let parts: Vec<(String, String)> = parts.collect();
    let left = parts.iter().map(|(whole, _)| whole.len()).max().unwrap_or(0);
    let right = parts.iter().map(|(_, fraction)| fraction.len()).max().unwrap_or(0);
    parts.iter().map(|(whole, fraction)| format!("{whole:>left$}.{fraction:<right$}")).collect()
}

/// Scientific notation: one digit before the point, after it as many as the longest number needs, and a power of ten.
fn in_powers(values: &[f32]) -> Vec<String> {
    let parts = values.iter().map(|value| {
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        (whole.to_owned(), fraction.to_owned(), exponent)
    });
    let parts: Vec<(String, String, i32)> = parts.collect();
    let left = parts.iter().map(|(whole, ..)| whole.len()).max().unwrap_or(0);
    let right = parts.iter().map(|(_, fraction, _)| fraction.len()).max().unwrap_or(0);
    let word = |(whole, fraction, exponent): &(String, String, i32)| {
        let sign = if *exponent < 0 { '-' } else { '+' };
        format!("{whole:>left$}.{fraction:0<right$}e{sign}{:02}", exponent.abs())
    };
    parts.iter().map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_print_as_numpy_prints_them() {
        // numpy.array([...], numpy.float32) of NumPy 2.
        assert_eq!(array(&[12.87, 8.232, 24.146]), "[12.87   8.232 24.146]");
        assert_eq!(array(&[-8.319, -18.103, 2.886]), "[ -8.319 -18.103   2.886]");
        assert_eq!(array(&[1.0, 2.0, 0.0]), "[1. 2. 0.]");
        assert_eq!(array(&[0.01, 25.0, 3.0]), "[1.0e-02 2.5e+01 3.0e+00]");
        assert_eq!(array(&[0.0, -0.012, 21.034]), "[ 0.0000e+00 -1.2000e-02  2.1034e+01]");
    }
}

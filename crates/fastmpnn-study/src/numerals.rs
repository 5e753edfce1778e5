//! Numbers as people read them.

/// A number for people: three digits that mean something, thousands set apart.
pub(crate) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let magnitude = value.abs();
    if magnitude == 0.0 {
        return "0".to_owned();
    }
    if magnitude >= 1000.0 {
        return thousands(value);
    }
    if magnitude < 1e-3 {
        let power = magnitude.log10().floor() as i32;
        let digits = value / 10f64.powi(power);
        return format!("{digits:.1}·10{}", superscript(power));
    }
    let decimals = (2 - magnitude.log10().floor() as i32).clamp(0, 4) as usize;
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    text.replace('-', "−")
}

fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("−{text}") } else { text }
}

fn superscript(power: i32) -> String {
    let sign = if power < 0 { "⁻" } else { "" };
    let digit = |digit: char| ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"][digit as usize - '0' as usize];
    sign.to_owned() + &power.abs().to_string().chars().map(digit).collect::<String>()
}

/// `1.35 ×`, or a dash.
pub(crate) fn times(value: f64) -> String {
    if value.is_finite() { format!("{value:.2} ×") } else { "–".to_owned() }
}

/// A number, or a dash.
pub(crate) fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), number)
}

/// A share in per cent, or a dash.
pub(crate) fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |share| format!("{:.1}", 100.0 * share))
}

/// With its sign, one decimal.
pub(crate) fn signed(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{:.1}", value.abs());
    match value {
        _ if text == "0.0" => text,
        v if v < 0.0 => format!("−{text}"),
        _ => format!("+{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_true() {
        let texts = [0.0, 12345.6, 999.4, 14.79, 1.0, 0.0234, 0.00045, -2000.0, -1.5].map(number);
        assert_eq!(texts, ["0", "12,346", "999", "14.8", "1", "0.0234", "4.5·10⁻⁴", "−2,000", "−1.5"]);
    }
}

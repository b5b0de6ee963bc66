/// Prometheus' text format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
enum PrometheusText {
    /// A name with everything a metric's may not have turned into `_`.
    static func name(_ label: String) -> String {
        var name = ""
        for scalar in label.unicodeScalars {
            let isAllowed = scalar.isASCII && (scalar.properties.isAlphabetic || scalar == "_" || scalar == ":")
            let isDigit = scalar.isASCII && scalar.properties.numericType != nil && !name.isEmpty
            name.unicodeScalars.append(isAllowed || isDigit ? scalar : "_")
        }
        return name.isEmpty ? "_" : name
    }

    static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.map { "\(name($0.0))=\"\(escape($0.1))\"" }.joined(separator: ",")
    }

    static func type(of series: PrometheusMetrics.Series) -> String {
        switch series {
        case .counter: "counter"
        case .gauge(let gauge): gauge.isCounter ? "counter" : "gauge"
        case .histogram: "histogram"
        }
    }

    static func append(_ series: PrometheusMetrics.Series, _ id: PrometheusMetrics.SeriesID, to text: inout String) {
        switch series {
        case .counter(let counter):
            text += line(id.name, id.labels, "\(counter.value)")
        case .gauge(let gauge):
            text += line(id.name, id.labels, number(gauge.value))
        case .histogram(let histogram):
            let distribution = histogram.value
            let prefix = id.labels.isEmpty ? "" : id.labels + ","
            var total: Int64 = 0
            for (index, count) in distribution.counts.enumerated() {
                total += count
                let bound = index < histogram.bounds.count ? number(histogram.bounds[index]) : "+Inf"
                text += line("\(id.name)_bucket", "\(prefix)le=\"\(bound)\"", "\(total)")
            }
            text += line("\(id.name)_sum", id.labels, number(distribution.sum))
            text += line("\(id.name)_count", id.labels, "\(total)")
        }
    }

    private static func line(_ name: String, _ labels: String, _ value: String) -> String {
        labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    private static func escape(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

import Cloud

/// The parts of forms.
enum Field {
    /// A line of text with its label, its hint and what is wrong with it.
    static func line(
        _ label: String, _ name: String, value: String = "", hint: String? = nil, type: String = "text",
        complete: String = "off", required: Bool = true, focused: Bool = false, refusal: Refusal? = nil
    ) -> HTML {
        let fault = refusal?.fields[name]
        return """
            <div class="field\(fault == nil ? "" : " wrong")"><label for="\(name)">\(label)</label>
            \(hint.map { #"<p class="hint" id="\#(name)-hint">\#($0)</p>"# as HTML })
            <input id="\(name)" name="\(name)" type="\(type)" value="\(value)" autocomplete="\(complete)"\
            \(described(name, hint: hint, fault: fault))\(flag: "required", if: required)\
            \(flag: "autofocus", if: focused)>\(fault.map { error($0, of: name) })</div>
            """
    }

    /// Several lines of text.
    static func area(_ label: String, _ name: String, value: String, hint: String, refusal: Refusal? = nil) -> HTML {
        let fault = refusal?.fields[name]
        return """
            <div class="field\(fault == nil ? "" : " wrong")"><label for="\(name)">\(label)</label>
            <p class="hint" id="\(name)-hint">\(hint)</p>
            <textarea id="\(name)" name="\(name)" rows="4" spellcheck="false" required\
            \(described(name, hint: hint, fault: fault))>
            \(value)</textarea>\(fault.map { error($0, of: name) })</div>
            """
    }

    /// Something that is so or not.
    static func box(_ label: String, _ name: String, isChecked: Bool) -> HTML {
        """
        <p class="field"><label class="box"><input type="checkbox" name="\(name)" value="on"\
        \(flag: "checked", if: isChecked)> \(label)</label></p>
        """
    }

    static func hidden(_ name: String, _ value: String) -> HTML {
        #"<input type="hidden" name="\#(name)" value="\#(value)">"#
    }

    private static func described(_ name: String, hint: String?, fault: String?) -> HTML {
        let ids = (hint == nil ? [] : ["\(name)-hint"]) + (fault == nil ? [] : ["\(name)-error"])
        let invalid: HTML = fault == nil ? "" : #" aria-invalid="true""#
        return ids.isEmpty ? "" : #" aria-describedby="\#(ids.joined(separator: " "))"\#(invalid)"#
    }

    static func error(_ text: String, of name: String) -> HTML {
        #"<p class="error" id="\#(name)-error">\#(capitalised(text))</p>"#
    }

    /// What the API says of a field begins behind the field's name.
    static func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    /// What is wrong as a whole, unless it stands beside fields already.
    static func summary(_ refusal: Refusal?, besides names: [String]) -> HTML {
        guard let refusal, !refusal.fields.keys.contains(where: names.contains) else { return .empty }
        return #"<p class="notice bad" role="alert">\#(refusal.sentence).</p>"#
    }
}

extension Visit {
    /// A form that posts to `link`; what is in it belongs to this browser.
    func form(_ link: Link, class style: String = "", _ content: HTML) -> HTML {
        #"<form method="post" action="\#(link)" class="\#(style)">\#(hidden)\#(content)</form>"#
    }

    /// A form that is one button.
    func button(_ label: String, _ link: Link, class style: String = "", _ fields: HTML = .empty) -> HTML {
        form(link, class: "inline", "\(fields)<button class=\"\(style)\">\(label)</button>")
    }

    /// The hidden field by which a form that is sent twice is known.
    func once(from form: Form) -> HTML {
        Field.hidden(FormField.once, form.optional(FormField.once) ?? exchange.requestID)
    }
}

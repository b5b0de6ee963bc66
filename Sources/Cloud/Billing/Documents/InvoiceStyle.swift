/// How an invoice looks, on the screen and on paper.
enum InvoiceStyle {
    static let text: StaticString = """
        @page{size:A4;margin:18mm 16mm 20mm;@bottom-right{content:"Page " counter(page) " of " counter(pages);\
        font:8pt "DejaVu Sans",sans-serif;color:#5a6270}}
        body{font:9pt/1.45 "DejaVu Sans",Arial,Helvetica,sans-serif;color:#1b1f27;margin:0}
        h1{font-size:19pt;line-height:1.2;margin:0}
        h2{font-size:8pt;letter-spacing:.05em;text-transform:uppercase;color:#5a6270;margin:0 0 1mm}
        p{margin:0}
        table{border-collapse:collapse;width:100%}
        th,td{text-align:left;vertical-align:top;padding:0}
        .top td{width:50%}
        .top .right,.num{text-align:right}
        .facts{width:auto;margin-top:4mm}
        .facts th{font-weight:normal;color:#5a6270;padding-right:6mm}
        .parties{margin:9mm 0 8mm;table-layout:fixed}
        .parties td{width:50%;padding-right:6mm;overflow-wrap:anywhere}
        .name{font-weight:bold}
        .lines th{font-size:8pt;font-weight:normal;color:#5a6270;border-bottom:.4mm solid #1b1f27;padding:0 2mm 1.2mm}
        .lines td{border-bottom:.2mm solid #d5d9e0;padding:1.6mm 2mm}
        .lines th:first-child,.lines td:first-child{padding-left:0}
        .lines th:last-child,.lines td:last-child{padding-right:0}
        .lines thead{display:table-header-group}
        .lines tr{break-inside:avoid}
        .lines .what strong{word-break:break-all}
        .small{font-size:7.5pt;color:#5a6270}
        .num,.when{white-space:nowrap;font-variant-numeric:tabular-nums}
        .totals{width:auto;margin:5mm 0 0 auto;break-inside:avoid}
        .totals th{font-weight:normal;padding:.7mm 8mm .7mm 0}
        .totals td{padding:.7mm 0}
        .totals .sum th,.totals .sum td{font-weight:bold;font-size:11pt;border-top:.4mm solid #1b1f27;\
        padding-top:1.5mm}
        .payment{margin-top:8mm;border:.2mm solid #d5d9e0;padding:3mm 4mm;break-inside:avoid;overflow-wrap:anywhere}
        .reason{margin-top:6mm;break-inside:avoid;overflow-wrap:anywhere}
        .notes{margin-top:10mm;color:#5a6270;font-size:8pt;break-inside:avoid}
        .notes p{margin-top:1.2mm}
        @media screen{body{max-width:190mm;margin:12mm auto;padding:0 8mm}}
        """
}

export function ReportView() {
  return <h1 tabIndex={-1}>Report</h1>;
}

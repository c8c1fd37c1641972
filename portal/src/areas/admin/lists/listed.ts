/** Lists of people that somebody typed, pasted, or has in a file: one name each, be it a sign-in name, a mail address or an employee id. */

/** Columns of a file that name a person, what names them best first. */
const NAMING = ["userprincipalname", "username", "upn", "mail", "email", "employeeid", "targetuserprincipalname", "targetmail", "targetid", "id"];
const SEPARATORS = [",", ";", "\t"];

/** The lines of a list that say something. */
export function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** The people of a file of CSV: in the columns that name somebody, or, where no column does, in the first of every line. */
export function namesIn(file: string): string[] {
  const rows = rowsOf(file.replace(/^\uFEFF/, "")).filter((row) => row.some((cell) => cell !== ""));
  const heads = (rows[0] ?? []).map((head) => head.toLowerCase().replace(/[\s_-]/g, ""));
  const places = NAMING.map((name) => heads.indexOf(name)).filter((place) => place >= 0);
  if (places.length === 0) return rows.map((row) => row.find((cell) => cell !== "") ?? "");
  // A line that names nobody is told of, not left out: it is sent as it is written.
  return rows.slice(1).map((row) => places.map((place) => unguarded(row[place] ?? "")).find((cell) => cell !== "") ?? row.filter(Boolean).join(" "));
}

/** Exports of ours have an apostrophe before what a spreadsheet would take for a formula. */
const unguarded = (cell: string) => cell.replace(/^'(?=[=+\-@])/, "");

function rowsOf(file: string): string[][] {
  const first = file.slice(0, (file + "\n").indexOf("\n"));
  const count = (separator: string) => first.split(separator).length;
  const separator = [...SEPARATORS].sort((one, other) => count(other) - count(one))[0] ?? ",";
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let isQuoted = false;
  const endCell = () => {
    row.push(cell.trim());
    cell = "";
  };
  for (let place = 0; place < file.length; place++) {
    const character = file[place] ?? "";
    if (isQuoted && character === '"' && file[place + 1] === '"') {
      cell += character;
      place++;
    } else if (character === '"' && (isQuoted || cell.trim() === "")) isQuoted = !isQuoted;
    else if (!isQuoted && character === separator) endCell();
    else if (!isQuoted && character === "\n") {
      endCell();
      rows.push(row);
      row = [];
    } else cell += character;
  }
  endCell();
  return [...rows, row];
}

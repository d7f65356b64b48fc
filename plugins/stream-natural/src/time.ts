/** Numbers as they are; dates such as 2024-02-29, 2024-02-29T12:30 or 2024-02-29 12:30:05.5Z as seconds since 1970, in UTC. */
export function timesOf(column: string, values: readonly string[]): number[] {
  return values.map((value, i) => {
    const time = value.trim() === "" ? Number.NaN : Number(value);
    const found = Number.isFinite(time) ? time : seconds(value);
    if (found === undefined)
      throw new RangeError(
        `stream-natural needs times in "${column}", and "${value}" of example ${i} is none; use numbers, or dates such as 2024-02-29 12:30.`,
      );
    return found;
  });
}

const date = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?)?(?:Z|([+-])(\d\d):?(\d\d))?$/;

function seconds(text: string): number | undefined {
  const parts = date.exec(text.trim());
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second, , zoneHours, zoneMinutes] = parts
    .slice(1)
    .map((part) => Number(part ?? 0));
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  const zone = (parts[7] === "-" ? -60 : 60) * (60 * zoneHours + zoneMinutes);
  return 86_400 * days(year, month, day) + 3600 * hour + 60 * minute + second - (parts[7] ? zone : 0);
}

/** Days since 1970-01-01 in the Gregorian calendar; a year is counted from March, so that a leap day is its last. */
function days(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const sinceMarch = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return 365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + sinceMarch - 719_468;
}

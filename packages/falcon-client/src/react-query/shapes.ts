/** Data of a query, of which only the shape matters here. */
type Fields = Readonly<Record<string, unknown>>;
type List = readonly unknown[];

/** `oldest-first`: a new message is the last of its list, `newest-first`: the first. */
export type Order = 'oldest-first' | 'newest-first';

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Changes every list of a query's data: the data itself, the list in its field `name`, or either of them in each of the
 * `pages` of an infinite query. Gives the data itself where nothing changed or no list was found.
 * @param change is also told whether it is the first list
 */
export function changeLists(data: unknown, name: string, change: (list: List, isFirst: boolean) => List): unknown {
  if (isFields(data) && Array.isArray(data.pages)) {
    const pages = mapChanged(data.pages, (page, index) => changeList(page, name, (list) => change(list, index === 0)));
    return pages === data.pages ? data : { ...data, pages };
  }
  return changeList(data, name, (list) => change(list, true));
}

/** Maps a list; gives the list itself where nothing changed. */
export function mapChanged(list: List, map: (item: unknown, index: number) => unknown): List {
  const mapped = list.map(map);
  return mapped.some((item, index) => item !== list[index]) ? mapped : list;
}

function changeList(data: unknown, name: string, change: (list: List) => List): unknown {
  if (Array.isArray(data)) return change(data);
  if (!isFields(data) || !Array.isArray(data[name])) return data;
  const changed = change(data[name]);
  return changed === data[name] ? data : { ...data, [name]: changed };
}

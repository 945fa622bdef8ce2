export function relatedTo(_word: string): readonly string[] {
  return [];
}

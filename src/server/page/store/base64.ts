/** A file's bytes, in base64. @throws Error if the browser cannot read it. */
export async function base64Of(file: File): Promise<string> {
  const reader = new FileReader();
  const url = await new Promise<string>((resolve, reject) => {
    reader.addEventListener("load", () => {
      resolve(typeof reader.result === "string" ? reader.result : "");
    });
    reader.addEventListener("error", () => {
      reject(new Error(`${file.name} cannot be read.`));
    });
    reader.readAsDataURL(file);
  });
  return url.slice(url.indexOf(",") + 1);
}

# Archives and trees: tar, gzip, bzip2, xz reader, cpio, find, diff, patch.
mkdir -p tree/a/b tree/c
for n in 1 2 3 4 5; do seq $n 50 >tree/a/file$n; done
cp words.txt tree/a/b/; cp table.csv tree/c/; ln -s ../a/file1 tree/c/link
tar -cf tree.tar tree; tar -tf tree.tar | sort | head -20
gzip -k tree.tar; gzip -t tree.tar.gz && echo intact
bzip2 -k tree.tar; bunzip2 -c tree.tar.bz2 | cmp - tree.tar && echo same
mkdir out; tar -xzf tree.tar.gz -C out; diff -r tree out/tree && echo no difference
find tree -type f -name 'file*' -exec wc -l {} + | sort
find tree -type l; readlink tree/c/link
(cd tree; find . | sort | cpio -o -H newc 2>/dev/null) | (mkdir cp; cd cp; cpio -id 2>/dev/null; find . -type f | sort | xargs md5sum)
sed 's/^2/two/' tree/a/file1 >changed; diff -u tree/a/file1 changed | tail -n +3
diff -u tree/a/file1 changed >p; patch -p0 tree/a/file1 <p >/dev/null; cmp tree/a/file1 changed && echo patched
sha256sum words.txt; cksum numbers.txt; sum numbers.txt
dd if=words.txt bs=7 skip=3 count=5 2>/dev/null; echo
od -A d -t x1 words.txt | head -3; hexdump -C words.txt | sed -n 2p
split -l 500 numbers.txt part.; ls part.* | wc -l; cat part.* | cmp - numbers.txt && echo rejoined
chmod 640 changed; stat -c '%a %s' changed; du -k words.txt >/dev/null && echo du
base64 words.txt | base64 -d | cmp - words.txt && echo base64

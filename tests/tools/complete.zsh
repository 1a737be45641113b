# What zsh offers for words of which the last is being typed: complete.zsh FOLDER WORDS...; a line each.
#
# FOLDER holds _hourglass, as `hourglass completion zsh` writes it, and is where the shell stands. Tab puts all
# matches into the line, ^T tells the line: what a person would see of a terminal's shell.
zmodload zsh/zpty zsh/zselect
export TERM=dumb
cd $1
zpty shell zsh -f -i
zpty -w shell "fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D"
zpty -w shell "zstyle ':completion:all::::' completer _all_matches _complete; zstyle ':completion:*' insert true"
zpty -w shell "zle -C all complete-word _generic; bindkey '^I' all"
zpty -w shell "tell() { print -r -- \$BUFFER >>.told; zle kill-whole-line }; zle -N tell; bindkey '^T' tell"
shift
for words; do zpty -w -n shell $words$'\t\x14'; done
for ((i = 0; i < 1200; ++i)); do
  [[ -e .told && $(wc -l <.told) -ge $# ]] && break
  zselect -t 10 # hundredths of a second
  while zpty -r -t shell said; do :; done
done
cat .told

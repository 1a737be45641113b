// What every example includes, compiled once a build (see library.hpp).

#include "hourglass.h"
